"""streamctl as its wheel installs it: the answers of the checkout, and nothing of its own in anybody's way.

``make test-wheel`` builds the wheel, has pipx install it outside of the project, and names the console script.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from isolation.environment import environment

from .foreign_stack import ForeignStack

pytestmark = pytest.mark.wheel

Json = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]

HOSTILE = ("tasks", "domain", "costs", "terminal", "consumers", "isolation", "changestream", "streamctl")
IMPORT_ALL = """
import importlib, json, pkgutil, sys
from changestream_streamctl.entry import PROJECT
sys.path[:0] = [str(PROJECT / "tools"), str(PROJECT / "layers" / "changestream")]
import streamctl
for each in pkgutil.walk_packages(streamctl.__path__, "streamctl."):
    importlib.import_module(each.name)
print(json.dumps(sorted(each.__file__ for each in sys.modules.values() if getattr(each, "__file__", None))))
"""


@pytest.fixture(scope="module")
def installed() -> Path:
    """The console script."""
    return Path(os.environ["PYTEST_INSTALLED"])


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    (path,) = (ROOT / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with modules of the names that the project's packages have."""
    folder = tmp_path / "somebody-elses"
    folder.mkdir()
    for name in HOSTILE:
        (folder / f"{name}.py").write_text("raise SystemExit('this is somebody else')\n")
    return folder


@pytest.fixture
def run(hostile: Path, tmp_path: Path) -> Run:
    """Run a program in the hostile folder, which is on PYTHONPATH if ``shadowed``."""

    def in_folder(*command: str | Path, shadowed: bool) -> tuple[int, str, str]:
        variables = environment(COLUMNS="160", STREAMCTL_STATE=str(tmp_path))
        path = {"PYTHONPATH": str(hostile)} if shadowed else {}
        done = subprocess.run(command, cwd=hostile, env=variables | path, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout, done.stderr

    return in_folder


@pytest.fixture
def both(run: Run, installed: Path) -> Callable[..., tuple[Any, Any]]:
    """Run a command as it is installed, and as the checkout has it."""

    def answers(*arguments: str) -> tuple[Any, Any]:
        of_wheel = run(installed, *arguments, shadowed=True)
        return of_wheel, run(sys.executable, "-P", "-m", "streamctl", *arguments, shadowed=False)

    return answers


@pytest.fixture(scope="module")
def foreign(endpoint: str) -> ForeignStack:
    """A stack of recovery alone, with an order that waits and one that is parked."""
    made = ForeignStack(endpoint)
    made.send(made.failed_order(made.order("1")))
    parked = made.order("2")
    made.park(made.failed_order(parked), parked)
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("redrive", "--help"),
        ("lint", str(ROOT / "template.yaml"), "--json"),
        ("cost", "--changes-per-second", "50"),
        ("lint", "nothing.yaml"),
    ],
    ids=" ".join,
)
def test_what_needs_no_stack_answers_as_in_the_checkout(
    both: Callable[..., tuple[Any, Any]], arguments: tuple[str, ...]
) -> None:
    of_wheel, of_checkout = both(*arguments)

    assert of_wheel == of_checkout
    assert "somebody else" not in of_wheel[2]


@pytest.mark.parametrize("command", ["status", "parked", "failures", "redrive --function", "pause", "explain"])
def test_a_stack_is_answered_for_as_in_the_checkout(
    both: Callable[..., tuple[Any, Any]], foreign: ForeignStack, command: str
) -> None:
    named = [foreign.function] if command in ("redrive --function", "pause", "explain") else []
    place = ("--endpoint", foreign.endpoint, "--stack", foreign.name, "--json")

    of_wheel, of_checkout = both(*command.split(), *named, *place)

    assert of_wheel[0] == of_checkout[0]
    assert told(of_wheel) == told(of_checkout)
    assert foreign.function in of_wheel[1] or command == "explain"


def told(answer: tuple[int, str, str]) -> Any:
    """The document of a command without what time and looks change."""
    document = json.loads(answer[1] or answer[2])
    for each in (*document.get("failures", ()), *document.get("queues", ())):
        for name in ("receiveCount", "oldestSeconds"):
            each.pop(name, None)
    document["attention"] = [each for each in document.get("attention", ()) if "a failed batch waits" not in each]
    return {name: value for name, value in document.items() if name != "looksLeft"}


def test_every_module_of_the_command_line_is_installed(run: Run, installed: Path) -> None:
    python = installed.resolve().with_name("python")

    code, out, err = run(python, "-I", "-c", IMPORT_ALL, shadowed=True)

    assert code == 0, err
    assert not [file for file in json.loads(out) if Path(file).is_relative_to(ROOT)]


def test_the_wheel_brings_one_name_and_the_sources_as_they_are(wheel: zipfile.ZipFile) -> None:
    project = "changestream_streamctl/project/"
    names = wheel.namelist()
    sources = {name: ROOT / name.removeprefix(project) for name in names if name.startswith(project)}

    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"changestream_streamctl"}
    assert sources
    assert [name for name, path in sources.items() if wheel.read(name) != path.read_bytes()] == []
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_no_test_no_server_and_no_path_of_this_machine(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert [name for name in names if "test" in Path(name).name or "/tests/" in name] == []
    assert {Path(name).name for name in names if "/local_aws/" in name} == {"__init__.py", "announcement.py"}
    assert [name for name in names if str(ROOT).encode() in wheel.read(name)] == []
