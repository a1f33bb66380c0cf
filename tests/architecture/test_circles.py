"""No two modules import each other, not even through others, inside a function, or for type checking alone."""

import ast
from collections.abc import Iterator, Mapping

from architecture.sources import ROOT, Module, modules

FOLDERS = ("layers", "functions", "tools")

Graph = Mapping[str, set[str]]


def graph(found: Mapping[str, Module]) -> Graph:
    """Return for each module those of ``found`` that it imports, wherever in it."""
    return {name: set(imported(module, found)) - {name} for name, module in found.items()}


def imported(module: Module, found: Mapping[str, Module]) -> Iterator[str]:
    """Yield the modules of ``found`` that a module imports: the submodule if a ``from`` import names one."""
    for node in module.statements():
        match node:
            case ast.Import(names=names):
                yield from (found_name for alias in names for found_name in known(alias.name, module, found))
            case ast.ImportFrom(names=names):
                source = package_of(node, module)
                for alias in names:
                    submodule = known(f"{source}.{alias.name}", module, found)
                    yield from submodule or known(source, module, found)


def package_of(node: ast.ImportFrom, module: Module) -> str:
    """Return the full name after ``from``, which leading dots make relative to the importing module's package."""
    if not node.level:
        return node.module or ""
    own = module.name.split(".") + (["__init__"] if module.path.name == "__init__.py" else [])
    return ".".join([*own[: -node.level], *([node.module] if node.module else [])])


def known(name: str, importer: Module, found: Mapping[str, Module]) -> list[str]:
    """Return the name under which a module is found. Modules in one function's folder use their bare names."""
    beside = f"{importer.name.rpartition('.')[0]}.{name}"
    if importer.name.startswith("functions.") and beside in found:
        return [beside]
    return [name] if name in found else []


def circle(edges: Graph) -> list[str]:
    """Return the modules that are in a circle or import one that is, without those that only lead there; or nothing.

    Modules that import nothing that is left, and those that nothing left imports, are removed until none is.
    """
    left = {name: set(targets) for name, targets in edges.items()}
    while True:
        reached = {target for targets in left.values() for target in targets}
        ends = {name for name, targets in left.items() if not targets or name not in reached}
        if not ends:
            return sorted(left)
        left = {name: targets - ends for name, targets in left.items() if name not in ends}


def test_no_module_imports_itself_through_others() -> None:
    found = {module.name: module for folder in FOLDERS for module in modules(folder)}
    edges = graph(found)

    assert len(edges) > 500
    assert circle(edges) == []


def test_a_planted_circle_is_found_wherever_its_imports_are() -> None:
    sources = {
        "one.first": "from one import second",
        "one.second": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .third import Third",
        "one.third": "def later():\n    import one.first",
        "one.outside": "from one.first import anything",
        "one.leaf": "import sys",
        "functions.f.app": "from rules import rule",
        "functions.f.rules": "def later():\n    import app",
    }
    found = {name: Module(name, ROOT, ast.parse(source)) for name, source in sources.items()}

    assert circle(graph(found)) == ["functions.f.app", "functions.f.rules", "one.first", "one.second", "one.third"]
