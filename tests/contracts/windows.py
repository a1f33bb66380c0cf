"""A shard in tumbling windows, delivered as Lambda delivers it: the state goes from invocation to invocation."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from builders import MOMENT
from invocations import WINDOW_SECONDS, Context, in_window

Json = dict[str, Any]


class Windows:
    """The open window: what it has brought and the state that it carries; ``{}`` where nothing was answered yet.

    An invocation that raises leaves the state as it was, as an invocation does that fails (Developer Guide,
    "Implementing stateful processing": the state is what the last one returned).
    """

    def __init__(self, handler: Callable[[Json, Context], Json]) -> None:
        self._handler = handler
        self.start = MOMENT
        self.state: Json = {}
        self.brought: list[list[Json]] = []

    def deliver(self, records: Iterable[Json], context: Context | None = None) -> None:
        """Invoke in the open window."""
        batch = list(records)
        self.state = self._invoked(batch, context)
        self.brought.append(batch)

    def end(
        self, *records: Json, context: Context | None = None, early: bool = False, final: bool = True, times: int = 1
    ) -> None:
        """Make the last invocation of the window, and open the next; of one that ended early it has the same bounds."""
        for _ in range(times):
            self._invoked(list(records), context, early=early, final=final)
        self.state, self.brought = {}, []
        self.start += 0 if early else WINDOW_SECONDS

    def _invoked(self, records: list[Json], context: Context | None, **kind: bool) -> Json:
        event = in_window(*records, state=self.state, start=self.start, **kind)
        answer = json.loads(json.dumps(self._handler(json.loads(json.dumps(event)), context or Context())))
        assert answer["batchItemFailures"] == []
        state: Json = answer["state"]
        return state
