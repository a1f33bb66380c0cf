"""The capture of the simulation, as far as no run comes to it."""

from collections.abc import Callable
from random import Random
from typing import Any

from simulation.capture import CaptureDisorder, SimulatedCapture
from simulation.table_log import TableChange

MIB = 1_048_576

type Item = dict[str, Any]


def change(number: int, old: Item | None, new: Item | None) -> TableChange:
    keys = {"taskId": {"S": "task-1"}}
    return TableChange(number, ("list", "task-1"), keys, old, new, False, 1_000_000 + number, "1")


def flags(count: int) -> Item:
    """An item of so many Booleans: a byte or two each in the table, fifteen or more in JSON."""
    return {"taskId": {"S": "task-1"}, "flags": {"L": [{"BOOL": True}] * count}}


def never(seconds: float, action: Callable[[], None]) -> None:
    raise AssertionError("nothing comes late")


def test_a_change_whose_json_exceeds_the_record_limit_is_skipped_at_once_and_counted() -> None:
    put: list[bytes] = []

    def keep(key: str, record: bytes) -> str:
        put.append(record)
        return str(len(put))

    capture = SimulatedCapture(keep, MIB, never, CaptureDisorder(), Random(1), "TasksTable")
    first, second, third = change(1, None, flags(40_000)), change(2, flags(40_000), flags(40_001)), change(3, None, {})

    for each in (first, second, third):
        capture.take(each)

    assert (capture.skipped, len(put)) == (1, 2)
    assert [first.captured, second.captured, third.captured] == [["1"], [], ["2"]]
