"""How errors of Node.js functions read: as those of Lambda's own runtime."""

import json
from pathlib import Path
from typing import Any

import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("async () => { throw new TypeError('bad') }", "TypeError", "bad"),
        ("() => { throw new RangeError('far') }", "RangeError", "far"),
        ("() => Promise.reject(new Error('rejected'))", "Error", "rejected"),
        ("(event, context, callback) => callback(new Error('called'))", "Error", "called"),
        ("(event, context) => context.fail(new Error('failed'))", "Error", "failed"),
        ("async () => { throw 'a word' }", "string", "a word"),
        ("async () => { throw Object.create(null) }", "handled", "the error cannot be read"),
        ("async () => 1n", "Runtime.JSONStringifyError", "Unable to stringify response body"),
    ],
)
def test_an_error_of_a_handler_has_lambdas_shape(
    service: LambdaService, deploy_node: Any, handler: str, error_type: str, message: str
) -> None:
    deploy_node(f"export const handler = {handler};")

    answer = service.invoke({"FunctionName": "consumer"})

    payload = json.loads(answer["Payload"])
    assert answer["FunctionError"] == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, message)
    assert isinstance(payload["trace"], list)


def test_the_trace_names_the_place_in_the_code(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("\nexport const handler = async () => {\n  throw new Error('bad');\n};")

    first, second, *_ = answer_of()["trace"]

    assert first == "Error: bad"
    assert "index.mjs:3:" in second


@pytest.mark.parametrize(
    ("files", "handler", "error_type", "message"),
    [
        ({"index.mjs": "export const handler = ("}, "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        ({"index.js": "exports.handler = ("}, "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        (
            {"index.js": "export const handler = async () => 1;"},
            "index.handler",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected token 'export'",
        ),
        (
            {"index.js": "require('absent');"},
            "index.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'absent'",
        ),
        ({"index.mjs": "import 'absent';"}, "index.handler", "Error", "Cannot find package 'absent' imported from "),
        ({"a.mjs": ""}, "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'index'"),
        (
            {"index.mjs": ""},
            "index.handler",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
        (
            {"index.mjs": "export const handler = 'text';"},
            "index.handler",
            "Runtime.HandlerNotFound",
            "index.handler is not a function",
        ),
        ({"index.mjs": ""}, "index", "Runtime.MalformedHandlerName", "Bad handler"),
        ({"index.mjs": "throw new Error('no configuration');"}, "index.handler", "Error", "no configuration"),
        (
            {"index.mjs": "export const handler = awslambda.streamifyResponse(async () => {});"},
            "index.handler",
            "Runtime.InvalidStreamingOperation",
            "Response streaming is not supported",
        ),
    ],
    ids=[
        "syntax of a module", "syntax of a script", "export in a script", "require", "import", "no file",
        "no export", "no function", "no name", "thrown", "streaming",
    ],
)  # fmt: skip
def test_a_function_that_cannot_be_loaded_fails_with_lambdas_error(
    deploy_node: Any, answer_of: Any, files: dict[str, str], handler: str, error_type: str, message: str
) -> None:
    deploy_node(files, Handler=handler)

    answer = answer_of()

    assert answer["errorType"] == error_type
    assert answer["errorMessage"].startswith(message)
    assert answer["requestId"]


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        (
            {"index.mjs": "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';"},
            "run npm install @aws-sdk/client-dynamodb in ",
        ),
        (
            {"index.js": "const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');"},
            "run npm install @aws-sdk/client-dynamodb in ",
        ),
        ({"index.js": "require('absent');", "package.json": "{}"}, "are not installed: run npm install in "),
        ({"index.ts": "export const handler = async () => 1;"}, "index.ts must be compiled first: run sam build"),
    ],
    ids=["SDK by import", "SDK by require", "packages", "TypeScript"],
)
def test_the_error_says_what_to_do_about_a_missing_module(
    deploy_node: Any, answer_of: Any, files: dict[str, str], advice: str
) -> None:
    deploy_node(files)

    assert advice in answer_of()["errorMessage"]


def test_nodejs24_refuses_handlers_with_a_callback(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("export const handler = (event, context, callback) => callback();", Runtime="nodejs24.x")

    assert answer_of()["errorType"] == "Runtime.CallbackHandlerDeprecated"


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("() => { setTimeout(() => { throw new Error('later') }) }", "Error", "later"),
        (
            "() => { Promise.reject(new Error('dropped')) }",
            "Runtime.UnhandledPromiseRejection",
            "Error: dropped",
        ),
    ],
    ids=["exception", "rejection"],
)
def test_what_nobody_catches_fails_the_invocation_and_ends_the_environment(
    deploy_node: Any, answer_of: Any, handler: str, error_type: str, message: str
) -> None:
    deploy_node(
        f"""
        let count = 0;
        const fail = {handler};
        export const handler = (event, context, callback) => {{
          count += 1;
          if (event) fail();
          else callback(null, count);
        }};
        """
    )
    counts = [answer_of(), answer_of()]

    failed = answer_of("fail")

    assert counts == [1, 2]
    assert (failed["errorType"], failed["errorMessage"]) == (error_type, message)
    assert answer_of() == 1


def test_an_error_of_a_handler_leaves_the_environment_as_it_is(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("let n = 0; export const handler = async (fails) => { n++; if (fails) throw new Error(); return n; };")

    answers = [answer_of(), answer_of(True), answer_of()]

    assert (answers[0], answers[2]) == (1, 3)


def test_an_exception_between_invocations_ends_the_environment_and_fails_none(
    deploy_node: Any, answer_of: Any, exit_of: Any
) -> None:
    deploy_node(
        """
        export const handler = async (throws) => {
          if (throws) setTimeout(() => { throw new Error("too late"); }, 20);
          return process.pid;
        };
        """
    )

    pid = answer_of(True)
    ended = exit_of(pid)

    assert ended["kind"] == "worker.exited"
    assert answer_of() != pid


def test_a_module_that_never_finishes_loading_ends_at_once(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("await new Promise(() => {}); export const handler = async () => 1;")

    assert answer_of()["errorType"] == "Runtime.ExitError"


def test_a_response_that_is_too_large_fails_the_invocation_and_no_other(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("export const handler = async (size) => 'x'.repeat(size);")

    answers = [answer_of(6_291_556), answer_of(3)]

    assert answers[0]["errorType"] == "Function.ResponseSizeTooLarge"
    assert answers[1] == "xxx"


def test_a_promise_that_never_settles_fails_the_invocation(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("export const handler = async () => { await new Promise(() => {}); };")

    assert [answer_of()["errorType"], answer_of()["errorType"]] == ["Runtime.NodeJsExit", "Runtime.NodeJsExit"]


def test_an_invocation_whose_process_exits_fails(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("export const handler = async () => process.exit(3);")

    answer = answer_of()

    assert answer["errorType"] == "Runtime.ExitError"
    assert answer["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_a_time_out_ends_a_busy_loop_and_the_next_invocation_starts_anew(
    deploy_node: Any, answer_of: Any, journal: Journal
) -> None:
    deploy_node("export const handler = async (busy) => { while (busy); return process.pid; };", Timeout=1)
    before = answer_of()

    answer = answer_of(True)

    assert answer["errorType"] == "Sandbox.Timedout"
    assert answer_of() != before


def test_a_machine_without_node_says_so_at_each_invocation(
    deploy_files: Any, answer_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    deploy_files({"index.mjs": ""}, Runtime="nodejs22.x", Handler="index.handler")

    answer = answer_of()

    assert answer["errorType"] == "InvalidRuntimeException"
    assert answer["errorMessage"].endswith(
        "Error: Runtime nodejs22.x needs Node.js: install it, so that node is on the PATH."
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('echo \'["/usr/bin/node", "18.20.4"]\'', "needs Node.js 20.6 or later"),
        ("echo 'no version is set' >&2; exit 1", "no version is set"),
    ],
    ids=["old", "broken"],
)
def test_a_node_of_no_use_is_named(
    deploy_files: Any, answer_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, reason: str
) -> None:
    program = tmp_path / "node"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    deploy_files({"index.mjs": ""}, Runtime="nodejs22.x", Handler="index.handler")

    message = answer_of()["errorMessage"]

    assert str(program) in message
    assert reason in message
