"""The project's files, and what its Python modules import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORT_ROOTS = (ROOT / "layers" / "changestream", ROOT / "tools", ROOT)
"""The directories that names are imported from; the most specific first."""

FOLDERS = ("docs", "events", "examples", "functions", "layers", "recovery", "tests", "tools")
GENERATED = {".aws-sam", "__pycache__"}
"""Folders of what builds and runs leave behind."""

TEXT = {"", ".in", ".json", ".md", ".mjs", ".py", ".toml", ".txt", ".yaml"}


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: Path
    tree: ast.Module

    def imports(self) -> Iterator[str]:
        """The dotted names of all modules that this one imports, wherever in it."""
        for node in self.statements():
            match node:
                case ast.Import(names=names):
                    yield from (alias.name for alias in names)
                case ast.ImportFrom(module=module, level=level):
                    package = self.name.split(".")[: -level or None] if level else []
                    yield ".".join([*package, *([module] if module else [])])

    def statements(self) -> Iterator[ast.AST]:
        """All statements, also inside others."""
        return statements(self.tree)

    @property
    def lines(self) -> int:
        return len(self.path.read_text().splitlines())


def modules(folder: str) -> list[Module]:
    """The modules in a folder; it must have some."""
    found = [_module(path) for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found, f"{folder} holds no module"
    return found


def texts() -> Iterator[Path]:
    """Every text file of the project."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and path.suffix in TEXT and path.name != ".git":
            yield path
    for folder in (*FOLDERS, ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT and GENERATED.isdisjoint(path.parts):
                yield path


@cache
def _module(path: Path) -> Module:
    root = next(root for root in IMPORT_ROOTS if path.is_relative_to(root))
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, parsed(path))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax of a file, parsed once for all tests."""
    return ast.parse(path.read_text())


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """All statements of a module, also inside others. It enters no expression, so it is faster than ``ast.walk``."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            if isinstance(inner := getattr(node, block, None), list):
                waiting += inner
