"""The sample events in ``events/``, and the function that each is for.

``index.json`` names the function and the expected answer of an event. An event that has the name of a function's
folder, such as ``count_tasks.json``, needs no entry: that function answers it with success.
"""

import json
from dataclasses import dataclass
from pathlib import Path

INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """An event. ``function`` is a logical id; ``expect`` is ``success`` or ``failure``."""

    path: Path
    function: str
    expect: str


def sample_events(root: Path) -> list[SampleEvent]:
    """Return the events of the project in ``root`` that are for a function, in the order of the index."""
    folder = root / "events"
    index = json.loads((folder / INDEX).read_text())
    indexed = [SampleEvent(folder / name, entry["function"], entry["expect"]) for name, entry in index.items()]
    named = [
        SampleEvent(path, _logical_id(path.stem), "success")
        for path in sorted(folder.glob("*.json"))
        if path.name not in index and (root / "functions" / path.stem / "app.py").exists()
    ]
    return indexed + named


def _logical_id(folder: str) -> str:
    return "".join(word.title() for word in folder.split("_")) + "Function"
