import threading

import pytest

from local_aws.journal import Journal


def test_entries_are_numbered_from_one_without_gaps() -> None:
    journal = Journal(now=lambda: 7.0)

    journal.add("worker.started", pid=1)
    journal.add("worker.exited", pid=1)

    assert journal.after(0) == [
        {"number": 1, "at": 7.0, "kind": "worker.started", "pid": 1},
        {"number": 2, "at": 7.0, "kind": "worker.exited", "pid": 1},
    ]


def test_a_reader_goes_on_after_the_number_it_has_seen() -> None:
    journal = Journal()
    for pid in range(5):
        journal.add("worker.started", pid=pid)

    page = journal.after(1, limit=2)

    assert [entry["number"] for entry in page] == [2, 3]


def test_the_oldest_entries_go_when_the_journal_is_full() -> None:
    journal = Journal(capacity=3)

    for pid in range(5):
        journal.add("worker.started", pid=pid)

    assert [entry["number"] for entry in journal.after(0)] == [3, 4, 5]


def test_a_waiting_reader_is_woken_by_the_entry_it_waits_for() -> None:
    journal = Journal()
    writer = threading.Thread(target=lambda: [journal.add(kind) for kind in ("a", "b", "c")])

    writer.start()
    entry = journal.wait_for(lambda entry: entry["kind"] == "b")
    writer.join()

    assert entry["number"] == 2


def test_waiting_in_vain_is_an_error() -> None:
    journal = Journal()
    journal.add("a")

    with pytest.raises(TimeoutError, match="last number 1"):
        journal.wait_for(lambda entry: entry["kind"] == "b", timeout=0.01)
