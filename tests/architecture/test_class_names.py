"""A class's name says which class it is: no two public ones share it. Private classes and nested ones may."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping

from architecture.sources import ROOT, Module, modules

FOLDERS = ("layers", "functions", "tools")


def shared_names(found: Iterable[Module]) -> Mapping[str, list[str]]:
    """Return each name that several public classes have, with their modules."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for module in found:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module.name)
    return {name: places for name, places in homes.items() if len(places) > 1}


def test_no_two_public_classes_have_one_name() -> None:
    assert shared_names(module for folder in FOLDERS for module in modules(folder)) == {}


def test_a_planted_second_class_is_found() -> None:
    sources = {
        "one": "class Parked: ...\nclass _Private: ...",
        "other": "class Parked:\n    class Nested: ...\nclass _Private: ...",
        "third": "class Nested: ...",
    }

    found = [Module(name, ROOT, ast.parse(source)) for name, source in sources.items()]

    assert shared_names(found) == {"Parked": ["one", "other"]}
