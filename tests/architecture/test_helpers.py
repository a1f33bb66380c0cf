"""A module at the root of ``tests`` is shared by several suites. A helper of one suite is in that suite's folder."""

import ast
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from architecture.sources import ROOT, parsed, statements

TESTS = ROOT / "tests"
EVERY_SUITE = "conftest"
"""The module that pytest loads for every suite. What it imports is shared too."""


def users(tests: Path) -> Mapping[str, set[str]]:
    """Return, for each helper module at the root of a folder of tests, the suites that import it.

    ``conftest`` counts as all suites. Another helper that imports it counts as none: the suites have to.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    helpers = {path.stem for path in tests.glob("*.py")} - {EVERY_SUITE}
    for path in tests.rglob("*.py"):
        suite = path.relative_to(tests).with_suffix("").parts[0]
        if suite not in helpers:
            for imported in imports(path) & helpers:
                found[imported].add(suite)
    return {helper: found[helper] for helper in helpers}


def imports(path: Path) -> set[str]:
    """Return the first names of the modules that a file imports by absolute names."""
    names: set[str] = set()
    for node in statements(parsed(path)):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module.partition(".")[0])
    return names


def loose(tests: Path) -> list[str]:
    """Return the helpers at the root that fewer than two suites import."""
    return sorted(name for name, suites in users(tests).items() if len(suites) < 2 and EVERY_SUITE not in suites)


def test_a_helper_module_at_the_root_of_tests_is_imported_by_at_least_two_suites() -> None:
    assert users(TESTS)
    assert loose(TESTS) == []


def test_a_planted_helper_of_one_suite_is_found(tmp_path: Path) -> None:
    for suite in ("costs", "demo"):
        (tmp_path / suite).mkdir()
        (tmp_path / suite / "test_all.py").write_text("from shared import everything\n")
    (tmp_path / "shared.py").touch()
    (tmp_path / "priced.py").touch()
    (tmp_path / "costs" / "conftest.py").write_text("import priced\n")

    assert loose(tmp_path) == ["priced"]
