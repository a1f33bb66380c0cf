"""A run as an operator sees it: what it would do, how far it is, and what became of every record."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from streamctl.command import Control
from streamctl.exits import Exit
from streamctl.images import key_text
from streamctl.replaying.plan import Plan, carry_out, timeout_of
from streamctl.replaying.receipt import Label, Receipt, RecordOutcome
from terminal.flow import Flow
from terminal.grid import grid
from terminal.progress import label

SHOWN = 20
"""Records that were not applied and are shown; the receipt has them all."""


def run(ctl: Control, plan: Plan, kept: Receipt | None, new: Path | None, rate: float, most_failures: int) -> Exit:
    """Show a plan, or with ``--apply`` carry it out, and show what became of it.

    ``kept`` is the receipt of a run that is gone on with, ``new`` where that of a new one is to be. Raises
    ``ReceiptRefused`` for the receipt of another run, and ``Stopped``.
    """
    if kept:
        kept.require(plan.run)
    if not ctl.apply:
        document = plan.document(rate) | {"applied": kept.counts()[RecordOutcome.APPLIED] if kept else 0}
        ctl.screen.show(document, lambda: _planned(document))
        return Exit.FINE
    for note in plan.notes:
        ctl.screen.note(note)
    receipt = kept or Receipt.begin(new or _default_path(plan), plan.run)
    client = ctl.stack.client("lambda", read_timeout_seconds=timeout_of(plan.target))
    try:
        with _progress(ctl, plan, receipt.counts()[RecordOutcome.APPLIED]) as progressed:
            carry_out(plan, receipt, client, rate, most_failures, progressed)
    except KeyboardInterrupt:
        ctl.screen.note(
            f"{receipt.counts()[RecordOutcome.APPLIED]} records are applied; go on with --resume {receipt.path}"
        )
        raise
    finally:
        ended = _ended(plan, receipt)
        receipt.close()
    ctl.screen.show(ended, lambda: _told(ended))
    return Exit.FINE if ended["complete"] else Exit.ATTENTION


class _progress:  # noqa: N801 - used as a function
    """A bar on standard error; nothing where that is no terminal."""

    def __init__(self, ctl: Control, plan: Plan, done: int) -> None:
        columns = label(plan.run["command"]), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        quiet = ctl.screen.as_json or not sys.stderr.isatty()
        self._bar = Progress(*columns, console=ctl.screen.beside, disable=quiet, transient=True)
        self._task = self._bar.add_task(plan.run["command"], total=plan.records, completed=done)

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        return lambda records: self._bar.advance(self._task, records)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _default_path(plan: Plan) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path(f"{plan.run['command']}-{plan.target.name}-{moment}.jsonl")


def _ended(plan: Plan, receipt: Receipt) -> dict[str, Any]:
    counts, undone = receipt.counts(), receipt.undone()
    return {
        **plan.run,
        "records": plan.records,
        **{str(outcome): count for outcome, count in counts.items()},
        "complete": not undone,
        "undone": [{"record": dict(e.label), "outcome": e.outcome, "reason": e.reason} for e in undone[:SHOWN]],
        "receipt": str(receipt.path),
    }


def _planned(document: Mapping[str, Any]) -> RenderableType:
    told = grid("", "")
    for name, value in document.items():
        if name != "notes" and value is not None:
            told.add_row(name, _named(value) if name in ("first", "last") else str(value))
    return Group(told, *(Flow().prose(note, "yellow") for note in document["notes"]))


def _told(ended: Mapping[str, Any]) -> RenderableType:
    said = Flow().prose(f"{ended['applied']} of {ended['records']} records applied, {ended['failed']} failed, ")
    said.prose(f"{ended['refused']} refused; the receipt is").whole(ended["receipt"])
    return Group(said, *(_undone(each) for each in ended["undone"]))


def _undone(each: Mapping[str, Any]) -> Flow:
    return Flow().whole(each["outcome"]).whole(_named(each["record"])).prose(each["reason"])


def _named(label: Label) -> str:
    """Return what a person calls a record: an item, or a change by its time and item."""
    return key_text(label["keys"]) if "keys" in label else f"{label['at']}  {label['task']}"
