"""The receipt of a run: what it is about, and each record with what became of it, a line of JSON each.

It is the progress, too: a line is written when its record's fate is known and never before. So whoever was killed goes
on where it says, and at worst delivers again what a batch had done.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from streamctl.exits import Exit, Trouble

VERSION = 1

Label = Mapping[str, Any]
"""What names a record in its receipt, and to people."""


class RecordOutcome(StrEnum):
    """What became of a record."""

    APPLIED = "applied"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """A line of the receipt."""

    label: Label
    outcome: RecordOutcome
    reason: str = ""

    def line(self) -> bytes:
        reason = {"reason": self.reason} if self.reason else {}
        return _line({"record": dict(self.label), "outcome": self.outcome} | reason)


class ReceiptRefused(Trouble):
    """The file is not the receipt of this run, or somebody else writes it: name another, or the run that it is of."""

    def __init__(self, reason: str) -> None:
        super().__init__(Exit.USAGE, reason)


@dataclass(slots=True)
class Receipt:
    """An open receipt, held against every other process until it is closed."""

    path: Path
    run: Mapping[str, Any]
    _file: BinaryIO
    _applied: set[bytes] = field(default_factory=set)
    _undone: dict[bytes, ReceiptEntry] = field(default_factory=dict)

    @classmethod
    def begin(cls, path: Path, run: Mapping[str, Any]) -> "Receipt":
        """Begin the receipt of a run. Raises ``ReceiptRefused`` where the file is there already."""
        try:
            file = path.open("x+b")
        except FileExistsError:
            raise ReceiptRefused(
                f"{path} is there already: go on with the run that it is of (--resume), or name another receipt"
            ) from None
        except OSError as error:
            raise ReceiptRefused(f"{path} cannot be written: {error.strerror}") from None
        _hold(file, path)
        receipt = cls(path, run, file)
        receipt._append([_line({"receipt": VERSION, "run": dict(run)})])
        return receipt

    @classmethod
    def resume(cls, path: Path) -> "Receipt":
        """Go on with the run of a receipt; a last line that was torn is dropped.

        Raises ``ReceiptRefused`` for a file that is none, or that is damaged elsewhere.
        """
        try:
            file = path.open("r+b")
        except FileNotFoundError:
            raise ReceiptRefused(f"there is no receipt {path}") from None
        except OSError as error:
            raise ReceiptRefused(f"{path} cannot be written: {error.strerror}") from None
        _hold(file, path)
        lines = file.read().split(b"\n")
        torn = lines.pop()
        file.seek(-len(torn), os.SEEK_END)
        try:
            if not lines:
                raise ValueError("it says nothing yet")
            head, *entries = [json.loads(line) for line in lines]
            if head["receipt"] != VERSION:
                raise ValueError(f"of version {head['receipt']}")
            receipt = cls(path, head["run"], file)
            for entry in entries:
                receipt._note(ReceiptEntry(entry["record"], RecordOutcome(entry["outcome"]), entry.get("reason", "")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            file.close()
            raise ReceiptRefused(f"{path} is no receipt, or a damaged one: {error!r}") from None
        return receipt

    def require(self, run: Mapping[str, Any]) -> None:
        """Raise ``ReceiptRefused`` unless it is of that run."""
        for name in (*run, *self.run):
            mine, wanted = self.run.get(name), run.get(name)
            if mine != wanted:
                raise ReceiptRefused(f"{self.path} is of another run: its {name} is {mine}, and not {wanted}")

    def is_applied(self, label: Label) -> bool:
        """Whether the record is known to be applied. One that failed, or was refused, is not done with."""
        return _digest(label) in self._applied

    def write(self, entries: Iterable[ReceiptEntry]) -> None:
        """Write down what became of some records; it is on the disk when this returns."""
        written = list(entries)
        self._append([entry.line() for entry in written])
        for entry in written:
            self._note(entry)

    def counts(self) -> dict[RecordOutcome, int]:
        """Return how many records ended how, each by what became of it last."""
        undone = Counter(entry.outcome for entry in self._undone.values())
        return {outcome: undone[outcome] for outcome in RecordOutcome} | {RecordOutcome.APPLIED: len(self._applied)}

    def undone(self) -> list[ReceiptEntry]:
        """Return the records that failed or were refused, and not applied since."""
        return list(self._undone.values())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _append(self, lines: list[bytes]) -> None:
        self._file.write(b"".join(lines))
        self._file.truncate()  # what a torn line left behind its place
        self._file.flush()
        os.fsync(self._file.fileno())

    def _note(self, entry: ReceiptEntry) -> None:
        identity = _digest(entry.label)
        if entry.outcome is RecordOutcome.APPLIED:
            self._applied.add(identity)
            self._undone.pop(identity, None)
        elif identity not in self._applied:
            self._undone[identity] = entry


@contextmanager
def resumed(path: Path | None) -> Iterator[Receipt | None]:
    """Hold the receipt that is gone on with, if there is one, for as long as the block lasts."""
    if path is None:
        yield None
        return
    receipt = Receipt.resume(path)
    try:
        yield receipt
    finally:
        receipt.close()


def _hold(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ReceiptRefused(f"another process is writing {path}") from None


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _digest(label: Label) -> bytes:
    return sha256(json.dumps(label, sort_keys=True).encode()).digest()[:16]
