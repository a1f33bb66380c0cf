"""Puts the modules that the command line imports into the wheel, in the folders that they have in the project.

They go below the one package of the wheel, so that no other name of ours is in anybody's ``site-packages``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROJECT = Path(__file__).resolve().parents[2]
ROOTS = (PROJECT / "tools", PROJECT / "layers" / "changestream")
COMMAND_LINE = "streamctl"
DATA = ("pyproject.toml", "template.yaml", "tools/costs/prices.toml")
"""Files that modules read: the version, the settings that cost something, and their prices."""

TARGET = Path("changestream_streamctl", "project")


class ImportedModules(BuildHookInterface):  # type: ignore[misc]
    """Adds the command line, and whatever it imports, to the files of the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Extend ``build_data`` before the wheel is written."""
        found = [*imported(COMMAND_LINE), *(PROJECT / name for name in DATA)]
        build_data["force_include"] |= {str(path): str(TARGET / path.relative_to(PROJECT)) for path in found}


def imported(package: str) -> list[Path]:
    """Return the files of a package, and of all modules of the project that they import, also within functions."""
    found: set[Path] = set()
    waiting = [each for root in ROOTS for each in (root / package).rglob("*.py")]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in _names(path) for file in _files(name)]
    return sorted(found)


def _names(path: Path) -> Iterator[str]:
    """Give the full names of what a module imports; of ``from a import b``, that of ``a.b`` too: it may be a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [_parent(path, node.level), node.module]))
            yield from (f"{base}.{each.name}" for each in node.names)


def _parent(path: Path, level: int) -> str:
    """Return the package that a relative import of a module begins at; empty for an absolute import."""
    if not level:
        return ""
    (root,) = (root for root in ROOTS if path.is_relative_to(root))
    return ".".join(path.parents[level - 1].relative_to(root).parts)


def _files(name: str) -> Iterator[Path]:
    """Give the files of a module of the project and of the packages that it is in; none for anybody else's."""
    parts = name.split(".")
    for root in ROOTS:
        for end in range(1, len(parts) + 1):
            stem = root.joinpath(*parts[:end])
            yield from (path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file())
