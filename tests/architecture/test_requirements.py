"""What is installed is locked, and what is tested is what is deployed."""

import re

import pytest

from architecture.sources import ROOT

LOCKED = [path.relative_to(ROOT) for path in ROOT.glob("requirements-*.txt")]
LAYER = ROOT / "layers" / "changestream" / "requirements.txt"
FUNCTIONS = [path.relative_to(ROOT) for path in ROOT.glob("functions/*/requirements.txt")]
PIN = re.compile(r"^(\S+==\S+)", re.MULTILINE)


@pytest.mark.parametrize("path", [*LOCKED, LAYER.relative_to(ROOT), *FUNCTIONS], ids=str)
def test_every_requirement_is_locked_by_its_hash(path: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / path).read_text())

    loose = [entry.splitlines()[0] for entry in entries if PIN.match(entry) and "--hash=sha256:" not in entry]

    assert loose == []


@pytest.mark.parametrize("path", [LAYER.relative_to(ROOT), *FUNCTIONS], ids=str)
def test_the_tests_run_with_what_is_shipped(path: str) -> None:
    shipped = set(PIN.findall((ROOT / path).read_text()))
    tested = set(PIN.findall((ROOT / "requirements-dev.txt").read_text()))

    assert shipped
    assert shipped <= tested
