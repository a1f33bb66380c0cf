"""The command line: what it prints, how it stops, what it says when it cannot start."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest
import requests

from isolation.environment import IMPORT_PATH, environment
from local_aws.__main__ import main

COMMAND = [sys.executable, "-m", "local_aws", "serve"]
ENVIRONMENT = environment(PYTHONPATH=IMPORT_PATH)


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served endpoint on a free port: its process, and the line that it said to be ready with."""
    command = [*COMMAND, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        try:
            yield process, next(line for line in process.stdout if line.startswith("ready "))
        finally:
            process.kill()


def refused(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, env=ENVIRONMENT, timeout=60)


def test_it_serves_until_it_is_told_to_stop() -> None:
    with serving("--no-stack") as (process, ready):
        answer = requests.get(f"{ready.split()[1]}/_local/status", timeout=5)

        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        code = process.wait(timeout=10)

    assert answer.json()["quiet"] is True
    assert code == 0
    assert time.monotonic() - begun < 2


def test_a_function_that_cannot_run_here_is_told_before_the_endpoint_is_ready(tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    properties = {"Runtime": "java21", "Handler": "a.B::c", "CodeUri": "."}
    function = {"Type": "AWS::Serverless::Function", "Properties": properties}
    template.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Old": function}}))
    command = [*COMMAND, "--port", "0", "--unlisted", "--template", str(template)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        lines = list(takewhile(lambda line: not line.startswith("ready "), process.stdout))
        process.kill()

    (told,) = [line for line in lines if "java21" in line]
    assert ": Runtime java21 does not run here. " in told


def test_a_busy_port_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        outcome = refused("--no-stack", "--port", port)

    assert outcome.returncode == 2
    assert f"port {port}" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--port", "0", "--template", "none.yaml"),
        ("--no-stack", "--parameter", "Retention"),
        ("--no-stack", "--capture-repeats", "101"),
    ],
)
def test_a_wrong_request_is_told_in_one_line(options: tuple[str, ...]) -> None:
    outcome = refused(*options)

    assert outcome.returncode == 2
    assert outcome.stderr.startswith("local_aws: ")
    assert outcome.stderr.count("\n") == 1


def test_what_nobody_expected_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise RuntimeError("the disk\nis full")

    monkeypatch.setattr("local_aws.__main__._serve", fail)

    code = main(["serve", "--no-stack"])

    complaint = capsys.readouterr().err
    assert code == 1
    assert complaint.startswith("local_aws: ended by RuntimeError at test_main.py:")
    assert complaint.endswith("the disk is full\n")
