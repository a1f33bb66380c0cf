"""A consumer of each kind, made in a copy of the project, passes everything that the project asks of one."""

import json
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

from architecture.sources import ROOT
from consumers.kinds import Kind
from scaffold.consumer import files
from scaffold.request import requested
from scaffold.tree import write

pytestmark = pytest.mark.scaffold

IMPORT_PATHS = ("../../../..", "../../../../tools", "../../../../layers/changestream")
MADE = {f"keep_{kind}": kind for kind in Kind}
OF_THE_TABLE = {f"follow_{kind}": kind for kind in Kind if kind is not Kind.WINDOW}
CHECKED_TYPES = ".mypy_cache"
READERS = {"shards-take-five-reads", "table-streams-have-two-readers"}
"""Rules that so many more consumers break: the streams have too many readers then."""


class Copy:
    """The files of the project in another folder, with an environment that imports the copy's own code."""

    def __init__(self, root: Path) -> None:
        self.root = root
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        self.python = [str(root / ".venv" / "bin" / "python"), "-I", "-m", "isolation", "python", "-m"]
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        venv.create(root / ".venv", symlinks=True)
        (packages,) = (root / ".venv" / "lib").glob("python3*/site-packages")
        lines = [*IMPORT_PATHS, sysconfig.get_paths()["purelib"]]
        (packages / "changestream.pth").write_text("\n".join(lines) + "\n")

    def keep_checked_types(self) -> None:
        """Take over what mypy knows of the project, if it has checked it: only the new code is left to check."""
        if (ROOT / CHECKED_TYPES).is_dir():
            shutil.copytree(ROOT / CHECKED_TYPES, self.root / CHECKED_TYPES)

    def run(self, *arguments: str) -> str:
        """Run a module of the copy, such as ``pytest``, and return its output. Fail if it fails."""
        command = [*self.python, *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy with a consumer of each kind that reads ``ChangeStream``."""
    return with_consumers(Copy(tmp_path_factory.mktemp("project")), MADE, "changes")


def with_consumers(copy: Copy, kinds: Mapping[str, Kind], feed: str) -> Copy:
    for name, kind in kinds.items():
        write(copy.root, files(copy.root, requested(name, kind, feed)))
    return copy


def test_the_command_makes_one_that_the_linter_accepts(tmp_path: Path) -> None:
    copy = Copy(tmp_path)

    told = copy.run("scaffold", "--name", "flag_overdue", "--kind", "newest", "--feed", "changes")

    assert "functions/flag_overdue/app.py" in told
    assert "make simulate" in told
    assert findings(copy) == set()


def test_their_code_has_the_style_and_the_types_of_the_project(copy: Copy) -> None:
    code = [str(path.relative_to(copy.root)) for name in MADE for path in copy.root.rglob(f"{name}/*.py")]
    code += [f"tests/contracts/consumers/{name}.py" for name in MADE]

    copy.run("ruff", "check")
    copy.run("ruff", "format", "--check")
    copy.keep_checked_types()
    copy.run("mypy", *code)


def test_the_template_keeps_every_rule_but_for_its_many_readers(copy: Copy) -> None:
    assert findings(copy) <= READERS
    copy.run("pytest", "tests/template", "tests/consumers", "tests/architecture/test_guarantees.py")


def test_their_own_tests_and_the_contract_suite_pass(copy: Copy) -> None:
    copy.run("pytest", *(f"tests/functions/{name}" for name in MADE))
    copy.run("pytest", "-n", "2", "tests/contracts", "-k", " or ".join([*MADE, "test_completeness"]))


def test_the_simulation_finds_no_broken_guarantee(copy: Copy) -> None:
    copy.run("simulation", "--seed", "0", "--seeds", "20", "--changes", "40")


def test_those_that_read_the_tables_stream_pass_too(tmp_path: Path) -> None:
    copy = with_consumers(Copy(tmp_path), OF_THE_TABLE, "table")

    assert findings(copy) <= READERS
    copy.run("ruff", "check")
    copy.run("ruff", "format", "--check")
    copy.run("pytest", *(f"tests/functions/{name}" for name in OF_THE_TABLE))
    copy.run("pytest", "-n", "2", "tests/contracts", "-k", f"memory and ({' or '.join(OF_THE_TABLE)})")


@pytest.mark.parametrize("module", ["demo", "simulation"])
def test_one_that_does_not_say_its_kind_is_named_and_nothing_is_played(tmp_path: Path, module: str) -> None:
    copy = Copy(tmp_path)
    write(copy.root, files(copy.root, requested("flag_overdue", "newest", "changes")))
    template = copy.root / "template.yaml"
    said = "    Metadata:\n      Consumer: {Kind: newest, View: !Ref FlagOverdueTable}\n"
    assert said in template.read_text()
    template.write_text(template.read_text().replace(said, ""))

    done = subprocess.run(
        [*copy.python, module], cwd=copy.root, capture_output=True, text=True, check=False, timeout=60
    )

    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1
    assert told.startswith("FlagOverdueFunction reads a stream and does not say what kind of consumer it is"), told


def findings(copy: Copy) -> set[str]:
    """Return the rules of the linter that the template of the copy breaks."""
    command = [*copy.python, "streamctl", "lint", "template.yaml", "--json"]
    done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, check=False, timeout=600)
    return {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
