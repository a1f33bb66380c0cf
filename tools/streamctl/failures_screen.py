"""Failed batches as a person sees them."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType

from streamctl.change_line import change_line
from streamctl.reading.failures import WaitingFailure
from streamctl.reading.mappings import short_name
from streamctl.reading.peek import Message, QueueState
from streamctl.stack import Stack
from streamctl.words import duration, several
from terminal.flow import Flow
from terminal.text import Text

SHOWN_RECORDS = 5


def failures_screen(
    stack: Stack, state: QueueState, messages: Sequence[Message], found: Sequence[WaitingFailure], now: float
) -> RenderableType:
    """Return a block for each failed batch, and how many more messages wait. ``now`` is in epoch seconds."""
    parts: list[RenderableType] = []
    for failure in found:
        parts += [_head(stack, failure, now), *_lines(failure, now), Text()]
    elsewhere = f"{state.in_flight} in flight, {state.delayed} delayed" if state.in_flight or state.delayed else ""
    if not found:
        parts.append(Text("No failed batch waits." if not elsewhere else "No failed batch can be seen.", "dim"))
    elif len(messages) < state.visible:
        elsewhere = ", ".join(filter(None, [f"{state.visible - len(messages)} more visible", elsewhere]))
    if elsewhere:
        parts.append(Text(f"Beside these: {elsewhere}." if found else f"{elsewhere}.", "dim"))
    return Group(*parts)


def _head(stack: Stack, failure: WaitingFailure, now: float) -> Flow:
    age = f"{duration(now - failure.message.sent_at)} ago, {several(failure.message.received, 'receipt')}"
    if failure.batch is None:
        return Flow().whole(failure.envelope, "bold").prose(age)
    batch = failure.batch
    attempts = f"{batch.condition}, {several(batch.invoke_count, 'attempt')}; {age}"
    return Flow().whole(short_name(stack, batch.function_name), "bold").prose(attempts)


def _lines(failure: WaitingFailure, now: float) -> Iterator[RenderableType]:
    if failure.batch is not None:
        yield _range(failure.batch.shard_id, str(failure.batch.start), str(failure.batch.end))
        if failure.envelope != "message":
            yield Flow(indent=2).prose(failure.envelope, "dim")
    for each in failure.records[:SHOWN_RECORDS]:
        yield change_line(each, now, indent=2)
    if len(failure.records) > SHOWN_RECORDS:
        yield Text(f"  and {several(len(failure.records) - SHOWN_RECORDS, 'more record')}", "dim")
    for gap in failure.gaps:
        gone = Flow(indent=2).prose("gone from the stream: after", "red").whole(str(gap.after or "the start"), "red")
        yield gone.prose("before", "red").whole(str(gap.before or "the end"), "red")
    if failure.problem:
        yield Flow(indent=2).prose(failure.problem, "red")


def _range(shard_id: str, start: str, end: str) -> Flow:
    line = Flow(indent=2).whole(shard_id, "dim").whole(start, "dim")
    return line if start == end else line.whole(f"- {end}", "dim")
