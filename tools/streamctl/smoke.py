"""A smoke test: one item is written, followed through every view of the table's changes, and removed again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from changestream.core.change import ChangeKind
from domain.tasks import keys, task
from streamctl.exits import Exit, Trouble
from streamctl.explaining.explained import explain
from streamctl.explaining.subject import Search
from streamctl.explaining.verdict import Verdict, ViewState
from streamctl.stack import Stack

LIST_ID = "streamctl-smoke"
"""The list of every item that a smoke test writes: views that keep changes keep them under this name."""

PAUSE_SECONDS = 2.0
"""Between two looks at the views: a look reads the tip of the streams, which the consumers need too."""

REACHED = frozenset({Verdict.APPLIED, Verdict.SUPERSEDED, Verdict.NOT_CONCERNED, Verdict.NO_EFFECT})


@dataclass(frozen=True, slots=True)
class SmokeStep:
    """A change of the item, and where it was after ``seconds``. ``views`` is empty if no stream had the change."""

    name: str
    seconds: float
    views: Sequence[ViewState]

    @property
    def passed(self) -> bool:
        """Whether every view has the change, or is not concerned."""
        return bool(self.views) and all(each.verdict in REACHED for each in self.views)

    @property
    def is_final(self) -> bool:
        """Whether waiting changes nothing: all views have the change, or one of them has parked it."""
        return self.passed or any(each.verdict is Verdict.PARKED for each in self.views)

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` writes of it."""
        views = [each.document() for each in self.views]
        return {"step": self.name, "passed": self.passed, "seconds": round(self.seconds, 1), "views": views}


class Smoke:
    """One run. ``patience_seconds`` is how long each of the two changes may take to reach every view."""

    def __init__(
        self,
        stack: Stack,
        patience_seconds: float,
        pause: Callable[[float], None] = sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._stack = stack
        self._patience_seconds = patience_seconds
        self._pause = pause
        self._clock = clock
        self._key = (LIST_ID, f"task-{uuid4().hex}")
        self.table = stack.output("TasksTableName")

    @property
    def item(self) -> str:
        """The item, as ``streamctl explain`` takes it."""
        return "/".join(self._key)

    def run(self) -> Iterator[SmokeStep]:
        """Write the item and follow it, remove it and follow the removal.

        The item is removed in any case: also if it does not reach a view, or the run is stopped.
        """
        with self._written():
            step = self._follow("written", ChangeKind.INSERT)
            yield step
        if step.passed:
            yield self._follow("removed", ChangeKind.REMOVE)

    @contextmanager
    def _written(self) -> Iterator[None]:
        client = self._stack.client("dynamodb")
        client.put_item(
            TableName=self.table,
            Item=task(self._key, "Written by streamctl smoke, which removes it again."),
            ConditionExpression="attribute_not_exists(listId)",
        )
        try:
            yield
        finally:
            client.delete_item(TableName=self.table, Key=keys(self._key))

    def _follow(self, name: str, kind: ChangeKind) -> SmokeStep:
        began = self._clock()
        while True:
            step = SmokeStep(name, self._clock() - began, self._views(kind))
            if step.is_final or step.seconds >= self._patience_seconds:
                return step
            self._pause(PAUSE_SECONDS)

    def _views(self, kind: ChangeKind) -> Sequence[ViewState]:
        """Return where the item's newest change is in each view; nothing if no stream has that change yet."""
        try:
            subject = Search(self._stack).find(self.item)
        except Trouble as trouble:
            if trouble.code is Exit.MISSING:
                return ()
            raise
        if subject.change is None or subject.change.kind is not kind:
            return ()
        return explain(self._stack, subject, None).views


def document(smoke: Smoke, steps: Sequence[SmokeStep]) -> Mapping[str, Any]:
    """Return what ``--json`` writes of a run; without steps, of a dry run."""
    passed = all(step.passed for step in steps) if steps else None
    return {
        "item": smoke.item,
        "table": smoke.table,
        "passed": passed,
        "steps": [step.document() for step in steps],
    }
