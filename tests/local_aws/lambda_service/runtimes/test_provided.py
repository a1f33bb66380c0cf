"""Functions with an executable of their own, which speaks the Runtime API itself."""

import io
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService

# Takes invocations as any runtime does, and answers what `answer` gives.
RUNTIME = f"""\
#!{sys.executable} -I
import http.client, json, os

def call(method, path, body=None):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, "/2018-06-01/runtime/" + path, body)
    response = connection.getresponse()
    return response.headers["Lambda-Runtime-Aws-Request-Id"], response.read()

while True:
    request_id, event = call("GET", "invocation/next")
    print("event", event.decode(), flush=True)
    verdict, answer = run(json.loads(event))
    call("POST", f"invocation/{{request_id}}/{{verdict}}", json.dumps(answer))
"""
ECHO = "def run(event): return 'response', [event, os.environ['_HANDLER'], os.environ['AWS_EXECUTION_ENV']]"
FAILS = "def run(event): return 'error', {'errorType': 'Custom.Bad', 'errorMessage': 'bad', 'stackTrace': []}"
EXECUTABLE, PLAIN = 0o755, 0o644

type DeployProvided = Callable[..., Any]


def runtime(run: str) -> str:
    first, rest = RUNTIME.split("\n", 1)
    return f"{first}\n{run}\n{rest}"


def packed(name: str, content: bytes, mode: int) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (0o100000 | mode) << 16
        file.writestr(entry, content)
    return archive.getvalue()


@pytest.fixture
def deploy_provided(deploy: Any) -> DeployProvided:
    """Create a function whose archive holds the given `bootstrap`."""

    def create(bootstrap: str | bytes, mode: int = EXECUTABLE, **request: Any) -> Any:
        content = bootstrap if isinstance(bootstrap, bytes) else bootstrap.encode()
        code = {"ZipFile": packed("bootstrap", content, mode)}
        return deploy("", **{"Runtime": "provided.al2023", "Handler": "any", "Code": code, **request})

    return create


@pytest.mark.parametrize("name", ["provided.al2023", "provided.al2"])
def test_an_executable_serves_invocations(deploy_provided: Any, answer_of: Any, journal: Journal, name: str) -> None:
    deploy_provided(runtime(ECHO), Runtime=name)

    answers = [answer_of({"n": 1}), answer_of({"n": 2})]

    assert answers == [[{"n": 1}, "any", f"AWS_Lambda_{name}"], [{"n": 2}, "any", f"AWS_Lambda_{name}"]]
    assert [entry["line"] for entry in journal.after(0, 1_000) if entry.get("line", "").startswith("event ")] == [
        'event {"n": 1}',
        'event {"n": 2}',
    ]


def test_the_error_of_an_executable_is_passed_on(deploy_provided: Any, answer_of: Any) -> None:
    deploy_provided(runtime(FAILS))

    assert answer_of() == {"errorType": "Custom.Bad", "errorMessage": "bad", "stackTrace": []}


def test_a_source_folder_and_a_layer_may_hold_the_executable(
    service: LambdaService, deploy: Any, answer_of: Any, tmp_path: Path
) -> None:
    program, code = tmp_path / "bootstrap", tmp_path / "code"
    code.mkdir()
    program.write_text(runtime(ECHO))
    program.chmod(EXECUTABLE)
    layer = service.publish_layer_version({"LayerName": "runtime", "Content": {"LocalPath": str(tmp_path)}})
    settings = {"Runtime": "provided.al2023", "Handler": "any"}
    deploy("", name="folder", Code={"LocalPath": str(tmp_path)}, **settings)
    deploy("", name="layered", Code={"LocalPath": str(code)}, Layers=[layer["LayerVersionArn"]], **settings)

    assert answer_of(1, "folder")[0] == 1
    assert answer_of(2, "layered")[0] == 2


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (runtime(ECHO).encode(), PLAIN, "bootstrap is not executable. Run chmod +x on it"),
        (b"echo no interpreter", EXECUTABLE, "bootstrap is a script without an interpreter"),
        (
            b"\x7fELF\x02\x01\x01" + bytes(11) + (0x16).to_bytes(2, "little"),
            EXECUTABLE,
            "is a program for Linux on an unknown processor, which this machine cannot run",
        ),
    ],
    ids=["mode", "script", "processor"],
)
def test_an_executable_of_no_use_fails_each_invocation_with_the_reason(
    deploy_provided: Any, answer_of: Any, content: bytes, mode: int, reason: str
) -> None:
    deploy_provided(content, mode)

    answers = [answer_of(), answer_of()]

    assert {answer["errorType"] for answer in answers} == {"Runtime.InvalidEntrypoint"}
    assert all(reason in answer["errorMessage"] for answer in answers)


def test_a_missing_executable_is_said_in_lambdas_words(deploy: Any, answer_of: Any, archive: Any) -> None:
    deploy("x = 1", Runtime="provided.al2023", Handler="any")

    answer = answer_of()

    assert answer["errorType"] == "Runtime.InvalidEntrypoint"
    assert "Couldn't find valid bootstrap(s): [" in answer["errorMessage"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('{"errorType": "Custom.Init", "errorMessage": "no key"}', ("Custom.Init", "no key")),
        ("no json", ("Unhandled", "no json")),
    ],
    ids=["json", "text"],
)
def test_an_executable_that_reports_an_error_at_its_start_fails_the_invocation(
    deploy_provided: Any, answer_of: Any, body: str, answer: tuple[str, str]
) -> None:
    script = f"""\
        #!{sys.executable} -I
        import http.client, os
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request("POST", "/2018-06-01/runtime/init/error", {body!r})
        connection.getresponse()
    """
    deploy_provided(textwrap.dedent(script))

    failed = answer_of()

    assert failed["errorType"] == answer[0]
    assert failed["errorMessage"].endswith(answer[1])


def test_an_executable_that_ends_fails_the_invocation(deploy_provided: Any, answer_of: Any) -> None:
    deploy_provided("#!/bin/sh\nexit 7\n")

    answer = answer_of()

    assert answer["errorType"] == "Runtime.ExitError"
    assert answer["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")
