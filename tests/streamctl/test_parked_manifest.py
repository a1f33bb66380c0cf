"""What `parked show` says of the rounds in which an object was redriven."""

from io import StringIO
from typing import Any

from streamctl.parked_screen import parked_one
from terminal.console import Console


def shown(manifest: dict[str, Any]) -> str:
    out = StringIO()
    console = Console(width=100, file=out)
    document = {"id": "0f9edbd6", "standing": "waiting", "key": "parked/a.json", "changes": [], "manifest": manifest}
    console.print(parked_one(document))
    return out.getvalue()


def test_each_member_of_the_redrive_has_a_line_of_its_own() -> None:
    text = shown({"reason": "crash", "redrive": {"rounds": 3, "lease": {"by": "run-1"}, "notBefore": None}})

    assert [line.split() for line in text.splitlines() if "redrive" in line] == [
        ["redrive", "rounds", "3"],
        ["redrive", "lease", "by", "run-1"],
    ]
    assert "{" not in text
