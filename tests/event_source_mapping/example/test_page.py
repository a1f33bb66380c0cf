"""docs/event-source-mappings.md shows these very files, and names places that there are."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PAGE = (ROOT / "docs" / "event-source-mappings.md").read_text()
ENGINE = {path: path.read_text() for path in (ROOT / "tools" / "event_source_mapping").rglob("*.py")}
CHOICES = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("|") and line.count("|") == 4]


@pytest.mark.parametrize("name", ["conftest.py", "test_poison_task.py"])
def test_the_page_shows_the_example_as_it_is(name: str) -> None:
    assert f"```python\n# {name}\n{(HERE / name).read_text().strip()}\n```" in PAGE


def test_every_choice_says_where_it_is_made() -> None:
    places = [re.findall(r"`([\w.]+)`", cells[-1]) for cells in CHOICES[2:]]

    assert len(places) > 30
    assert [CHOICES[2:][index] for index, named in enumerate(places) if not named] == []
    assert [place for named in places for place in named if not is_in_the_engine(place)] == []


def is_in_the_engine(place: str) -> bool:
    """Whether a module, or a name that is defined or stored somewhere, goes by the last part of `place`."""
    name = place.rsplit(".", 1)[-1]
    return any(path.stem == name or re.search(rf"\b{name}\b", text) for path, text in ENGINE.items())
