"""The shared package of the layer knows nothing of the domain: another application takes it as it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.sources import ROOT

SHARED = ROOT / "layers" / "changestream" / "changestream"

DOMAIN_WORDS = re.compile(
    r"task|licen[cs]e|list_?id|created_?date|due_?date|postcode|penalty|in_progress|open_?seconds", re.IGNORECASE
)
"""Names of things and fields of this application's domain, also as parts of other names, such as ``TasksInserted``."""


def domain_words(folder: Path) -> Iterator[str]:
    """Yield the places in a folder where a module's name or a line has a word of the domain."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        if DOMAIN_WORDS.search(str(name)):
            yield f"{name}"
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if DOMAIN_WORDS.search(line):
                yield f"{name}:{number}: {line.strip()}"


def test_the_shared_package_has_no_word_of_the_domain() -> None:
    assert any(SHARED.rglob("*.py"))
    assert list(domain_words(SHARED)) == []


@pytest.mark.parametrize(
    "planted",
    [
        'metrics.add_metric("TasksInserted", 1)',
        "# of a licence",
        'item["listId"]',
        "def read(list_id: str) -> None: ...",
    ],
)
def test_a_planted_word_is_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "module.py").write_text(f'"""A module."""\n\n{planted}\n')

    assert list(domain_words(tmp_path)) == [f"module.py:3: {planted}"]


def test_a_planted_module_is_found(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "task_name.py").touch()

    assert list(domain_words(tmp_path)) == ["core/task_name.py"]
