"""docs/guarantees.md is a table: statement | source | module | test. What a row names must exist.

A module is written as the path of its file, a test as ``path::name``, each in backticks; a row may name several.
"""

import re
from dataclasses import dataclass

import pytest

from architecture.sources import ROOT

TABLE = ROOT / "docs" / "guarantees.md"
QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Guarantee:
    statement: str
    source: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


def guarantees() -> list[Guarantee]:
    found = []
    for line in TABLE.read_text().splitlines():
        if not line.startswith("|") or set(line) <= set("|-: ") or "| module |" in line.lower():
            continue
        statement, source, module, test = (cell.strip() for cell in line.strip("|").split("|"))
        found.append(Guarantee(statement, source, tuple(QUOTED.findall(module)), tuple(QUOTED.findall(test))))
    assert found, "the table is empty"
    return found


def test_every_guarantee_names_its_source_a_module_and_a_test() -> None:
    bare = [row.statement for row in guarantees() if not (row.source and row.modules and row.tests)]

    assert bare == []


def test_every_named_module_exists() -> None:
    missing = [module for row in guarantees() for module in row.modules if not (ROOT / module).is_file()]

    assert missing == []


def test_every_named_test_exists() -> None:
    missing = [test for row in guarantees() for test in row.tests if not exists(test)]

    assert missing == []


@pytest.mark.parametrize(
    "name", ["tests/architecture/test_guarantees.py", "tests/architecture/test_guarantees.py::test_that_nobody_wrote"]
)
def test_a_test_that_is_not_there_is_noticed(name: str) -> None:
    assert not exists(name)


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    if not name or not (ROOT / path).is_file():
        return False
    defined = re.search(rf"^\s*(async )?def {re.escape(name.split('[')[0])}\(", (ROOT / path).read_text(), re.MULTILINE)
    return bool(defined)
