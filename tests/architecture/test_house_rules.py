"""House rules for every file: size, names, nothing left undone, nothing that holds on one machine only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.sources import ROOT, Module, modules, texts

CODE = ("functions", "layers", "tools", "tests")
LONGEST_MODULE = dict.fromkeys(CODE, 220) | {"tests": 300}
"""In lines. A suite may be longer than what it tests: it is a list, and is read from any place."""

EMPTY_NAMES = {"utils", "helpers", "common", "manager", "data", "info"}
EMPTY_PREFIXES = ("process_", "My")

LEFT_UNDONE = re.compile(r"\b(TO[D]O|FIX[M]E|HA[C]K|XX[X])\b")
MACHINE = re.compile(r"(?<![\w.])/(home|root|Users|work|private)/(?!someone\b)\w")
REGISTRY = re.compile(r"https?://[^\s]*(simple|pypi|pythonhosted)", re.IGNORECASE)
HOST_ONLY = re.compile(r"localhost|127\.0\.0\.1|endpoint_url|AWS_SAM_LOCAL|\bmoto\b|local_aws|ministack", re.IGNORECASE)


@pytest.mark.parametrize("folder", CODE)
def test_a_module_stays_short_enough_to_be_read_in_one_go(folder: str) -> None:
    long = {module.name: module.lines for module in modules(folder) if module.lines > LONGEST_MODULE[folder]}

    assert long == {}


@pytest.mark.parametrize("folder", CODE)
def test_names_say_something(folder: str) -> None:
    empty = [f"{module.name}: {name}" for module in modules(folder) for name in defined(module) if says_nothing(name)]

    assert empty == []


@pytest.mark.parametrize("folder", ["layers", "tools"])
def test_only_functions_handle(folder: str) -> None:
    handlers = [f"{module.name}: {name}" for module in modules(folder) for name in defined(module) if "handle_" in name]

    assert handlers == []


def test_nothing_is_left_undone() -> None:
    assert occurrences(LEFT_UNDONE, texts()) == []


def test_nothing_names_a_path_of_one_machine() -> None:
    assert occurrences(MACHINE, texts()) == []


def test_requirements_name_no_registry() -> None:
    requirements = [path for path in texts() if path.name.startswith("requirements")]

    assert occurrences(REGISTRY, requirements) == []


@pytest.mark.parametrize("folder", ["functions", "layers"])
def test_what_is_deployed_knows_nothing_of_local_runs(folder: str) -> None:
    assert occurrences(HOST_ONLY, (module.path for module in modules(folder))) == []


@pytest.mark.parametrize("folder", ["functions", "layers"])
def test_an_error_quotes_a_value_by_quoted_and_never_by_its_repr(folder: str) -> None:
    conversions = [f"{module.name}:{line}" for module in modules(folder) for line in repr_conversions(module)]

    assert conversions == []


def repr_conversions(module: Module) -> Iterator[int]:
    """The lines of the f-strings that show a value as ``!r``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FormattedValue) and node.conversion == ord("r"):
            yield node.lineno


def defined(module: Module) -> Iterator[str]:
    """The module's own name and those of its functions and classes."""
    yield module.name.rsplit(".", 1)[-1]
    for node in module.statements():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def says_nothing(name: str) -> bool:
    return name in EMPTY_NAMES or any(re.match(f"{prefix}[A-Za-z]", name) for prefix in EMPTY_PREFIXES)


def occurrences(pattern: re.Pattern[str], paths: Iterator[Path] | list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]
