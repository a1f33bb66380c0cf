"""A lane with tumbling windows: batches keep to one window, each window ends with an invocation of its own."""

from collections.abc import Callable
from typing import Any

from event_source_mapping.delivery import Delivery
from event_source_mapping.delivery_context import DeliveryContext
from event_source_mapping.errors import Throttled
from event_source_mapping.formats import Record
from event_source_mapping.lane_worker import LaneWorker, Reading
from event_source_mapping.lanes import Lane
from event_source_mapping.ports import FunctionAnswer
from event_source_mapping.response import Outcome, ResponseVerdict
from event_source_mapping.retry import NextStep, next_step
from event_source_mapping.steps import StepKind
from event_source_mapping.tumbling import OpenWindow, state_in


class WindowedDelivery(Delivery):
    """Delivers within `window`, whose state moves on with each invocation that settles records."""

    def __init__(
        self,
        context: DeliveryContext,
        settle: Callable[[int], str | None],
        window: OpenWindow | None,
        closed: Callable[[], None],
    ) -> None:
        super().__init__(context, settle)
        self.window = window
        self._closed = closed

    def open_at(self, arrival: float) -> OpenWindow:
        """The open window, or a new one around the arrival of the first record."""
        if self.window is None:
            self.window = OpenWindow.around(arrival, self._context.settings.tumbling_window_in_seconds)
        return self.window

    def _event(self, records: list[Record]) -> dict[str, Any]:
        return self._window_event(records, final=False, early=False)

    def _window_event(self, records: list[Record], *, final: bool, early: bool) -> dict[str, Any]:
        context = self._context
        if self.window is None:
            raise RuntimeError(f"no window is open in {context.shard_id}")
        source = context.settings.event_source_arn
        return self.window.event(records, context.shard_id, source, final=final, early=early)

    def _judge(self, invocation: FunctionAnswer, records: list[Record]) -> ResponseVerdict:
        """As without windows, but a response without state is malformed, and its state counts with its records."""
        verdict = super()._judge(invocation, records)
        if verdict.outcome not in (Outcome.SUCCESS, Outcome.PARTIAL):
            return verdict
        state = state_in(invocation.response)
        if state is None:
            return ResponseVerdict(Outcome.MALFORMED)
        progressed = verdict.outcome is Outcome.SUCCESS or min(verdict.failed) > 0
        if self.window is not None and progressed:
            self.window = self.window.with_state(state)
        return verdict

    async def close_window(self, *, early: bool) -> None:
        """The final invocation, without records; the shard waits until it succeeds or its retries are used up."""
        settings, backoff = self._context.settings, self._context.pace.backoff
        attempts = throttles = 0
        while True:
            try:
                invocation = await self._context.function.invoke(self._window_event([], final=True, early=early))
            except Throttled:
                throttles += 1
                self._note_final(None, attempts, Outcome.THROTTLED)
                await self._wait(backoff.after(throttles))
                continue
            attempts += 1
            failed = invocation.function_error is not None or state_in(invocation.response) is None
            step = next_step(0, attempts, bisect=False, maximum_retry_attempts=settings.maximum_retry_attempts)
            lost = self.window if failed and step is NextStep.DISCARD else None
            if lost or not failed:  # before anything is told: hosts keep checkpoints as they hear of steps
                self.window = None
                self._closed()
            self._note_final(invocation, attempts, Outcome.ERROR if failed else Outcome.SUCCESS)
            if lost:
                self._note_lost(lost)
            if self.window is None:
                return
            await self._wait(backoff.after(attempts))

    def _note_final(self, invocation: FunctionAnswer | None, attempt: int, outcome: Outcome) -> None:
        self._context.concluded("OK" if outcome is Outcome.SUCCESS else "PROBLEM: Function call failed")
        request_id = invocation.request_id if invocation else None
        self._context.note(
            StepKind.DELIVERED,
            [],
            {"attempt": attempt, "outcome": str(outcome), "request_id": request_id, "final": True},
        )

    def _note_lost(self, window: OpenWindow) -> None:
        """A window without records has no place in an on-failure message: what it held is told to observers."""
        detail = {"condition": "RetryAttemptsExhausted", "window": window.to_json()}
        self._context.note(StepKind.DISCARDED, [], detail)


class WindowedLaneWorker(LaneWorker):
    """Closes windows that are over before it delivers what comes after them."""

    def __init__(self, context: DeliveryContext, reading: Reading, lane: Lane, delivery: WindowedDelivery) -> None:
        super().__init__(context, reading, lane, delivery)
        self._windowed = delivery

    async def _prepare(self) -> None:
        window = self._windowed.window
        if window is not None and window.is_full:
            await self._windowed.close_window(early=True)
        elif window is not None and self._is_over(window):
            await self._windowed.close_window(early=False)

    def _is_over(self, window: OpenWindow) -> bool:
        """Whether reading has passed its end, and none of its records waits any more.

        Reading has passed it with a later record, be it one that the filter drops, with a read begun after it that
        found nothing, or with the shard's end.
        """
        if self._lane.waiting:
            return self._context.record_format.arrival(self._lane.waiting[0]) >= window.end
        seen_until = max(self._reading.last_arrival or 0.0, self._reading.empty_since or 0.0)
        return self._reading.ended or seen_until >= window.end

    def _payload_limit(self) -> int:
        window = self._windowed.window
        return super()._payload_limit() - (window.state_bytes if window else 0)

    def _candidates(self) -> tuple[list[Record], bool]:
        arrival = self._context.record_format.arrival
        window = self._windowed.open_at(arrival(self._lane.waiting[0]))
        batch, full = super()._candidates()
        within = window.leading(batch, arrival)
        return within, full or len(within) < len(batch)
