"""The receipt of a run is its progress: what it says is done is done, and what it does not say is not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamctl.replaying.receipt import Receipt, ReceiptEntry, ReceiptRefused, RecordOutcome, resumed

RUN = {"command": "replay", "function": "arn:one", "table": "History", "since": "a", "until": "b"}


def applied(*names: str) -> list[ReceiptEntry]:
    return [ReceiptEntry({"task": name}, RecordOutcome.APPLIED) for name in names]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "receipt.jsonl"


@pytest.fixture
def receipt(path: Path) -> Iterator[Receipt]:
    begun = Receipt.begin(path, RUN)
    begun.write([*applied("a", "b"), ReceiptEntry({"task": "c"}, RecordOutcome.FAILED, "poison: no status")])
    yield begun
    begun.close()


def test_who_goes_on_knows_what_was_applied_and_has_to_try_the_rest_again(receipt: Receipt, path: Path) -> None:
    receipt.close()

    with resumed(path) as again:
        assert again
        assert [again.is_applied({"task": name}) for name in "abcd"] == [True, True, False, False]
        assert again.counts() == {RecordOutcome.APPLIED: 2, RecordOutcome.FAILED: 1, RecordOutcome.REFUSED: 0}


def test_what_failed_and_was_applied_later_counts_as_applied(receipt: Receipt, path: Path) -> None:
    receipt.close()
    again = Receipt.resume(path)
    again.write(applied("c"))
    again.close()

    with resumed(path) as last:
        assert last
        assert (last.counts()[RecordOutcome.APPLIED], last.undone()) == (3, [])


@pytest.mark.parametrize("kept", range(1, 8))
def test_a_line_that_was_torn_is_not_done_and_is_written_over(receipt: Receipt, path: Path, kept: int) -> None:
    receipt.close()
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    path.write_bytes(whole[: len(whole) - len(last) + len(last) * kept // 8])

    again = Receipt.resume(path)
    again.write(applied("c"))
    again.close()

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["record"]["task"] for line in lines[1:]] == ["a", "b", "c"]


def test_every_line_is_a_document_that_says_what_became_of_a_record(receipt: Receipt, path: Path) -> None:
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]

    assert head["run"] == RUN
    assert lines[0] == {"record": {"task": "a"}, "outcome": "applied"}
    assert lines[2] == {"record": {"task": "c"}, "outcome": "failed", "reason": "poison: no status"}


@pytest.mark.parametrize("different", [{"function": "arn:two"}, {"until": "c"}, {"table": "Other"}, {"stream": "x"}])
def test_the_receipt_of_another_run_is_refused(receipt: Receipt, path: Path, different: dict[str, Any]) -> None:
    receipt.close()

    with resumed(path) as again:
        assert again
        again.require(RUN)
        with pytest.raises(ReceiptRefused, match="is of another run"):
            again.require(RUN | different)


def test_a_receipt_is_not_begun_twice_and_not_written_by_two(receipt: Receipt, path: Path) -> None:
    with pytest.raises(ReceiptRefused, match="--resume"):
        Receipt.begin(path, RUN)
    with pytest.raises(ReceiptRefused, match="another process"):
        Receipt.resume(path)


@pytest.mark.parametrize("content", [b"", b'{"receipt": 1, "ru', b"not JSON\n", b"{}\n", b"[]\n", b'{"receipt": 9}\n'])
def test_what_is_no_receipt_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(ReceiptRefused):
        Receipt.resume(path)


def test_a_receipt_that_was_spoilt_in_its_middle_is_refused(receipt: Receipt, path: Path) -> None:
    receipt.close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1][:9] + b"\n", *lines[2:]]))

    with pytest.raises(ReceiptRefused, match="damaged"):
        Receipt.resume(path)
