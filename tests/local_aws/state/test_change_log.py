"""The log of changes, as the next start reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_aws.errors import UsageError
from local_aws.state import StateDirectory
from local_aws.state.change_log import ChangeLog, Replay
from local_aws.state.keeper import KeptEntries, KeptItems


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes"


def written(path: Path, *changes: tuple[Any, ...]) -> None:
    log = ChangeLog(path)
    for change in changes:
        log.append(change)
    log.close()


def test_items_end_up_as_they_were_told_last(path: Path) -> None:
    written(
        path,
        ("kept", KeptItems("tasks", {"a": {"1": "old", "2": "kept"}})),
        ("item", "tasks", "a", "1", "new"),
        ("item", "tasks", "b", "1", "gone soon"),
        ("item", "tasks", "b", "1", None),
    )

    items = Replay().read(path).container(KeptItems, "tasks")

    assert items == {"a": {"1": "new", "2": "kept"}, "b": {}}


def test_entries_keep_their_order_and_notes_their_last_value(path: Path) -> None:
    written(path, ("entry", "shard", 1), ("note", "checkpoints", "m", 1), ("entry", "shard", 2))
    written(path, ("entry", "shard", 3), ("note", "checkpoints", "m", 3))

    replay = Replay().read(path)

    assert replay.container(KeptEntries, "shard") == [1, 2, 3]
    assert replay.notes == {"checkpoints": {"m": 3}}


@pytest.mark.parametrize("lost", [1, 7, 20])
def test_a_frame_that_was_cut_short_counts_as_not_there(path: Path, lost: int) -> None:
    written(path, ("entry", "shard", 1), ("entry", "shard", 2))
    path.write_bytes(path.read_bytes()[:-lost])

    entries = Replay().read(path).container(KeptEntries, "shard")

    assert entries == [1]


def test_what_is_told_together_is_there_as_a_whole_or_not_at_all(path: Path) -> None:
    log = ChangeLog(path)
    with log.together():
        log.append(("item", "tasks", "a", None, "new"))
        log.append(("entry", "shard", 1))
    log.close()
    path.write_bytes(path.read_bytes()[:-1])

    replay = Replay().read(path)

    assert replay.kept == {}


def test_a_folder_serves_one_endpoint_at_a_time(tmp_path: Path) -> None:
    first = StateDirectory(tmp_path)

    with pytest.raises(UsageError, match="another endpoint uses the state directory"):
        StateDirectory(tmp_path)
    first.close()

    StateDirectory(tmp_path).close()
