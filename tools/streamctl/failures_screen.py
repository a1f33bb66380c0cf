"""Failed batches as a person sees them."""

from collections.abc import Sequence
from time import time

from rich.console import Group, RenderableType
from rich.text import Text

from streamctl.change_line import change_line
from streamctl.reading.failures import Failure
from streamctl.reading.mappings import short_name
from streamctl.reading.peek import Message, QueueState
from streamctl.stack import Stack
from streamctl.words import duration, several

SHOWN_RECORDS = 5


def failures_screen(
    stack: Stack, state: QueueState, messages: Sequence[Message], found: Sequence[Failure]
) -> RenderableType:
    parts: list[RenderableType] = []
    for failure in found:
        parts += [_head(stack, failure), *_lines(failure), Text()]
    elsewhere = f"{state.in_flight} in flight, {state.delayed} delayed" if state.in_flight or state.delayed else ""
    if not found:
        parts.append(Text("No failed batch waits." if not elsewhere else "No failed batch can be seen.", "dim"))
    elif len(messages) < state.visible:
        elsewhere = ", ".join(filter(None, [f"{state.visible - len(messages)} more visible", elsewhere]))
    if elsewhere:
        parts.append(Text(f"Beside these: {elsewhere}." if found else f"{elsewhere}.", "dim"))
    return Group(*parts)


def _head(stack: Stack, failure: Failure) -> Text:
    age = duration(time() - failure.message.sent_at)
    if failure.batch is None:
        return Text.assemble((failure.envelope, "bold"), f"  {age} ago, {several(failure.message.received, 'receipt')}")
    batch = failure.batch
    return Text.assemble(
        (short_name(stack, batch.function_name), "bold"),
        f"  {batch.condition}, {several(batch.invoke_count, 'attempt')}; {age} ago, ",
        f"{several(failure.message.received, 'receipt')}",
    )


def _lines(failure: Failure) -> list[Text]:
    lines = []
    if failure.batch is not None:
        where = f"  {failure.batch.shard_id}  {failure.batch.start}"
        lines.append(
            Text(where + (f" - {failure.batch.end}" if failure.batch.end != failure.batch.start else ""), "dim")
        )
        if failure.envelope != "message":
            lines.append(Text(f"  {failure.envelope}", "dim"))
    lines += [
        Text("  ", no_wrap=True, overflow="ellipsis").append_text(change_line(each))
        for each in failure.records[:SHOWN_RECORDS]
    ]
    if len(failure.records) > SHOWN_RECORDS:
        lines.append(Text(f"  and {several(len(failure.records) - SHOWN_RECORDS, 'more record')}", "dim"))
    for gap in failure.gaps:
        lines.append(
            Text(f"  gone from the stream: after {gap.after or 'the start'}, before {gap.before or 'the end'}", "red")
        )
    if failure.problem:
        lines.append(Text(f"  {failure.problem}", "red"))
    return lines
