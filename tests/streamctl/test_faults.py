"""Faults of this machine, its configuration and its servers: an exit code and one line, never a traceback."""

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamctl.command import GREATEST_NUMBER
from streamctl.exits import Exit

from .world import Deployed, Said, streamctl

HTML = "<!DOCTYPE html><html><body>It works &nbsp;</body></html>"
KEYS = "aws_access_key_id = a\naws_secret_access_key = b\n"

PROFILES = {
    "rubbish": (Exit.NOT_PERMITTED, "credential_process = {folder}/rubbish", "profile tested cannot be obtained"),
    "binary": (Exit.NOT_PERMITTED, "credential_process = {folder}/binary", "profile tested cannot be obtained"),
    "an array": (Exit.NOT_PERMITTED, "credential_process = {folder}/array", "profile tested cannot be obtained"),
    "failing": (Exit.NOT_PERMITTED, "credential_process = {folder}/failing", "broken \\x1b[31m"),
    "absent": (Exit.NOT_PERMITTED, "credential_process = {folder}/absent", "absent: No such file"),
    "unquoted": (Exit.NOT_PERMITTED, 'credential_process = "half', "No closing quotation"),
    "token file": (
        Exit.NOT_PERMITTED,
        "role_arn = {role}\nweb_identity_token_file = /nowhere",
        "/nowhere: No such file",
    ),
    "no SSO token": (
        Exit.NOT_PERMITTED,
        "sso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://example.com",
        "aws sso login",
    ),
    "half": (Exit.NOT_PERMITTED, "aws_access_key_id = a", "aws_secret_access_key"),
    "a loop": (Exit.SETUP, "role_arn = {role}\nsource_profile = other", "Infinite loop"),
    "no such services": (Exit.SETUP, f"services = none\n{KEYS}", '"none"'),
    "no such mode": (Exit.SETUP, f"defaults_mode = none\n{KEYS}", "defaults mode"),
    "no address": (Exit.SETUP, f"endpoint_url = none\n{KEYS}", "none"),
    "no region": (Exit.USAGE, f"region = eu west\n{KEYS}", "eu west"),
}
PROGRAMS = {
    "rubbish": "echo rubbish",
    "binary": "printf '\\377'",
    "array": "echo '[]'",
    "failing": "printf 'broken \\033[31m' >&2; exit 3",
}


@pytest.fixture
def with_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Run a command with a configuration file of AWS, and no credentials but those in it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, text in PROGRAMS.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(stat.S_IRWXU)
    file = tmp_path / "config"

    def run(content: str | bytes, *arguments: str) -> Said:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        given = {"AWS_CONFIG_FILE": str(file), "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
        return streamctl("status", *arguments, AWS_EC2_METADATA_DISABLED="true", **given)

    return run


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_that_cannot_be_used_is_told_in_a_line(
    name: str, tmp_path: Path, with_config: Callable[..., Said]
) -> None:
    code, text, told = PROFILES[name]
    text = text.format(folder=tmp_path, role="arn:aws:iam::123456789012:role/r")
    region = "" if "region =" in text else "region = eu-west-1\n"
    other = "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/s\nsource_profile = tested\n"

    said = with_config(f"[profile tested]\n{region}{text}\n{other}", "--profile", "tested")

    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err


@pytest.mark.parametrize("content", [b"[profile x", b"\xff\xfe\x00[", b"region = eu-west-1\n"])
def test_a_configuration_file_that_cannot_be_read_is_named(content: bytes, with_config: Callable[..., Said]) -> None:
    said = with_config(content, "--region", "eu-west-1")

    assert said.code == Exit.SETUP
    assert "config" in said.err


def test_no_region_is_a_wrong_use(with_config: Callable[..., Said]) -> None:
    said = with_config(f"[default]\n{KEYS}")

    assert said.code == Exit.USAGE
    assert "no region is given" in said.err


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """The address of a server that is not AWS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body"), [(200, HTML), (200, "{}"), (200, "<a/>"), (200, ""), (302, ""), (403, HTML), (404, HTML)]
)
def test_what_is_not_aws_is_told_from_a_stack_that_is_not_there(status: int, body: str) -> None:
    with answering(status, body) as url:
        said = streamctl("status", "--endpoint", url, "--json")

    assert said.code == Exit.SETUP
    assert json.loads(said.err)["error"]["message"] == f"{url} does not answer as AWS does"


@pytest.mark.parametrize(
    "address", ["nonsense", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://[::1"]
)
def test_an_address_that_is_none_is_a_wrong_use(address: str) -> None:
    said = streamctl("status", "--endpoint", address, "--json")

    assert said.code == Exit.USAGE
    assert json.loads(said.err)["error"]["kind"] == "usage"


@pytest.mark.parametrize("number", ["inf", "nan", "1e999", str(GREATEST_NUMBER + 1), "9" * 5000, "ten"])
@pytest.mark.parametrize("option", [("status", "--every"), ("tail", "--limit"), ("failures", "--limit")])
def test_a_number_that_nobody_means_is_a_wrong_use(option: tuple[str, str], number: str, deployed: Deployed) -> None:
    said = deployed.streamctl(*option, number, "--json")

    assert said.code == Exit.USAGE
    assert option[1] in json.loads(said.err)["error"]["message"]


@pytest.mark.parametrize("since", ["1e5d", "9" * 400 + "d", "99999d", "0001-01-01"])
def test_a_time_before_all_records_is_a_wrong_use(since: str, deployed: Deployed) -> None:
    assert deployed.streamctl("tail", "--since", since).code == Exit.USAGE


def test_an_argument_that_is_not_text_is_a_wrong_use() -> None:
    said = streamctl("explain", os.fsdecode(b"\xff"), "--local")

    assert said.code == Exit.USAGE
    assert "is not valid UTF-8" in said.err


def test_a_wrong_option_is_told_to_a_program_as_json() -> None:
    said = streamctl("status", "--colour", "--json")

    assert (said.code, said.out) == (Exit.USAGE, "")
    assert "--colour" in json.loads(said.err)["error"]["message"]


def test_a_fault_of_streamctl_has_a_traceback_and_a_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("owner")

    monkeypatch.setattr("streamctl.commands.status.read_status", broken)

    for arguments in ((), ("--json",)):
        with pytest.raises(AssertionError, match="Traceback") as told:  # the helper lets no fault of ours pass
            streamctl("status", "--endpoint", "http://127.0.0.1:9", *arguments)
        assert "KeyError: 'owner'" in str(told.value)
