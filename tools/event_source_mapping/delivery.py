"""One batch from its first invocation until each of its records is delivered or discarded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from event_source_mapping import age, bisect, failure_message, response, retry
from event_source_mapping.clock import wait_until
from event_source_mapping.delivery_context import DeliveryContext, Halted
from event_source_mapping.errors import DestinationRefused, Throttled
from event_source_mapping.failure_message import FailureCondition
from event_source_mapping.formats import Record
from event_source_mapping.ports import DiscardedBatch, FunctionAnswer
from event_source_mapping.response import Outcome, ResponseVerdict
from event_source_mapping.retry import NextStep
from event_source_mapping.steps import StepKind


@dataclass(slots=True)
class _Piece:
    """A batch or what is left of one; `attempts` counts since its first record became the checkpoint."""

    records: list[Record]
    attempts: int = 0
    throttles: int = 0
    last: FunctionAnswer | None = None


class Delivery:
    """Delivers batches of one lane; `settle(n)` is called as records, in order, are done with."""

    def __init__(self, context: DeliveryContext, settle: Callable[[int], str | None]) -> None:
        self._context = context
        self._settle = settle

    async def deliver(self, records: list[Record]) -> None:
        """Return when every record is settled; halves of a bisected batch are done depth first, in order.

        Raise Halted when the mapping stops before that.
        """
        pieces = [_Piece(records)]
        while pieces:
            if self._context.halt.is_set():
                raise Halted
            piece = await self._without_expired(pieces.pop())
            if piece is not None:
                pieces.extend(reversed(await self._attempt(piece)))

    async def _without_expired(self, piece: _Piece) -> _Piece | None:
        """Discard the expired front, then go on with what is left: its checkpoint moved, so it starts afresh."""
        context = self._context
        expired = age.expired_front(
            piece.records,
            context.record_format.arrival,
            context.clock.now(),
            context.maximum_age,
        )
        if not expired:
            return piece
        await self._discard(
            piece.records[:expired], FailureCondition.RECORD_AGE_EXCEEDED, piece.attempts + 1, piece.last
        )
        rest = piece.records[expired:]
        return _Piece(rest) if rest else None

    async def _attempt(self, piece: _Piece) -> list[_Piece]:
        """Invoke once; return what remains to be delivered, in order, any waiting already done."""
        context = self._context
        try:
            invocation = await context.function.invoke(self._event(piece.records))
        except Throttled as throttled:
            return await self._wait_out_throttling(piece, throttled)
        verdict = self._judge(invocation, piece.records)
        piece.throttles = 0
        piece.attempts += 1
        piece.last = invocation
        done = len(piece.records) if verdict.outcome is Outcome.SUCCESS else min(verdict.failed, default=0)
        checkpoint = self._settle(done) if done else None
        self._note_delivery(piece, verdict, checkpoint)
        self._note_checkpoint(checkpoint)
        if verdict.outcome is Outcome.SUCCESS:
            return []
        if done:
            return [_Piece(piece.records[done:])]
        return await self._after_failure(piece)

    def _event(self, records: list[Record]) -> dict[str, Any]:
        return {"Records": records}

    def _judge(self, invocation: FunctionAnswer, records: list[Record]) -> ResponseVerdict:
        return response.interpret(
            invocation.function_error,
            invocation.response,
            records,
            self._context.record_format.sequence_number,
            report_batch_item_failures=self._context.settings.report_batch_item_failures,
        )

    async def _wait_out_throttling(self, piece: _Piece, throttled: Throttled) -> list[_Piece]:
        context = self._context
        piece.throttles += 1
        context.concluded("PROBLEM: Function call failed")
        context.note(
            StepKind.DELIVERED,
            piece.records,
            {
                "attempt": piece.attempts,
                "outcome": str(Outcome.THROTTLED),
                "reason": str(throttled),
                "checkpoint": None,
            },
        )
        await self._pause(piece, piece.throttles)
        return [piece]

    def _note_delivery(self, piece: _Piece, verdict: ResponseVerdict, checkpoint: str | None) -> None:
        context = self._context
        succeeded = verdict.outcome in (Outcome.SUCCESS, Outcome.PARTIAL)
        context.concluded("OK" if succeeded else "PROBLEM: Function call failed")
        invocation = piece.last
        context.note(
            StepKind.DELIVERED,
            piece.records,
            {
                "attempt": piece.attempts,
                "outcome": str(verdict.outcome),
                "request_id": invocation.request_id if invocation else None,
                "checkpoint": checkpoint,
            },
        )

    async def _after_failure(self, piece: _Piece) -> list[_Piece]:
        context = self._context
        step = retry.next_step(
            len(piece.records),
            piece.attempts,
            bisect=context.settings.bisect_batch_on_function_error,
            maximum_retry_attempts=context.settings.maximum_retry_attempts,
        )
        if step is NextStep.BISECT:
            first, second = bisect.split(piece.records)
            context.note(StepKind.BISECTED, piece.records, {"sizes": [len(first), len(second)]})
            return [_Piece(first), _Piece(second)]
        if step is NextStep.DISCARD:
            await self._discard(piece.records, FailureCondition.RETRY_ATTEMPTS_EXHAUSTED, piece.attempts, piece.last)
            return []
        await self._pause(piece, piece.attempts)
        return [piece]

    async def _pause(self, piece: _Piece, failures: int) -> None:
        seconds = self._context.pace.backoff.after(failures)
        self._context.note(StepKind.RETRY_SCHEDULED, piece.records, {"attempt": piece.attempts + 1, "seconds": seconds})
        await self._wait(seconds)

    async def _discard(
        self, records: list[Record], condition: FailureCondition, invoke_count: int, last: FunctionAnswer | None
    ) -> None:
        """Give the records up, which takes the destination's consent: they are settled only after it."""
        context = self._context
        destination = context.settings.on_failure_destination
        message = failure_message.compose(
            records,
            context.record_format,
            shard_id=context.shard_id,
            stream_arn=context.stream_arn,
            function_arn=context.function.arn,
            request_id=last.request_id if last else context.new_id(),
            condition=condition,
            invoke_count=invoke_count,
            last_invocation=last,
            now=context.clock.now(),
        )
        if destination is not None:
            batch = DiscardedBatch(message, context.mapping_uuid, context.shard_id, self._event(records))
            await self._send(destination, batch)
        checkpoint = self._settle(len(records))
        context.note(
            StepKind.DISCARDED,
            records,
            {"condition": str(condition), "message": message, "destination": destination},
        )
        self._note_checkpoint(checkpoint)

    def _note_checkpoint(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            self._context.note(StepKind.CHECKPOINTED, [], {"checkpoint": checkpoint})

    async def _send(self, destination: str, batch: DiscardedBatch) -> None:
        refusals = 0
        while True:
            try:
                await self._context.destinations.send(destination, batch)
                return
            except DestinationRefused as refused:
                refusals += 1
                self._context.concluded(f"PROBLEM: {refused}")
                await self._wait(self._context.pace.backoff.after(refusals))

    async def _wait(self, seconds: float) -> None:
        """Sleep, unless the mapping is told to stop; raise Halted then."""
        halt, clock = self._context.halt, self._context.clock
        await wait_until(clock, halt, clock.now() + seconds)
        if halt.is_set():
            raise Halted
