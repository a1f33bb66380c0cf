"""What of the developer's environment reaches a local run, and what does not."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import botocore.session
import pytest

from isolation.environment import environment, registry_environment, without_aws_settings

SETTINGS = [
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"),
    *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_CA_BUNDLE"),
    *("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_DATA_PATH"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE"),
    *("SAM_CLI_CONTAINER_CONNECTION_TIMEOUT", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS", "POWERTOOLS_DEV"),
    *("STREAMCTL_ENDPOINT", "STREAMCTL_STACK", "MOTO_ACCOUNT_ID", "TEST_SERVER_MODE", "TASKS_TABLE", "XDG_CONFIG_HOME"),
]


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "hostile")
    for name in ("HOME", "NO_PROXY", "no_proxy", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"):
        monkeypatch.setenv(name, "hostile")
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.mark.usefixtures("exported")
def test_a_local_run_gets_what_programs_need_and_no_setting_of_the_developer() -> None:
    variables = environment(TMPDIR="/elsewhere")

    assert variables["PATH"] == "/usr/bin"
    assert variables["LC_ALL"] == "C.UTF-8"
    assert variables["TMPDIR"] == "/elsewhere"
    assert "hostile" not in variables.values()
    assert variables["HOME"] == variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


@pytest.mark.usefixtures("exported")
def test_a_tool_that_installs_packages_gets_the_proxies_and_no_aws_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example")

    variables = registry_environment()

    assert variables["PIP_INDEX_URL"] == "https://packages.example"
    assert {"HOME", "HTTP_PROXY", "https_proxy", "NO_PROXY"} <= variables.keys()
    assert not [name for name, value in variables.items() if name.startswith("AWS_") and value == "hostile"]


@pytest.mark.usefixtures("exported")
def test_settings_are_hidden_from_one_call_and_back_afterwards() -> None:
    before = dict(os.environ)

    with without_aws_settings():
        session = botocore.session.Session()
        seen = [session.get_config_variable(name) for name in ("profile", "region", "ca_bundle")]
        there = dict(os.environ)

    assert seen == [None, None, None]
    assert not [name for name, value in there.items() if name.startswith("AWS_") and value == "hostile"]
    assert dict(os.environ) == before


def run(*command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command through the module, as make does."""
    started: Mapping[str, str] = {"PATH": os.environ["PATH"]} | variables
    isolated = [sys.executable, "-I", "-m", "isolation", *command]
    return subprocess.run(isolated, env=started, capture_output=True, text=True, check=False)


def test_make_runs_commands_in_it_with_the_interpreter_beside_them(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from PYTHONPATH')")
    script = "import json, os, sys; print(json.dumps([sys.prefix, dict(os.environ)]))"

    done = run("python", "-c", script, PYTHONPATH=str(tmp_path), AWS_PROFILE="nosuch", STREAMCTL_STACK="live")

    assert done.returncode == 0, done.stderr
    assert sys.prefix in done.stdout
    assert "nosuch" not in done.stdout
    assert "live" not in done.stdout


def test_a_program_that_is_not_there_is_told() -> None:
    done = run("no-such-program")

    assert done.returncode == 1
    assert done.stderr == "isolation: there is no program no-such-program\n"
