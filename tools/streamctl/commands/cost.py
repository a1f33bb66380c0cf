"""``cost``: what a workload costs, by the model of ``costs``; no stack is asked."""

from typing import Annotated

import typer

from costs.report import report
from costs.screen import rendered
from costs.system import System
from costs.workload import Choices, FanOut, Workload
from streamctl.command import Control, command
from streamctl.exits import Exit


@command("cost", example="streamctl cost --changes-per-second 50 --window 5", needs_stack=False)
def cost(
    ctl: Control,
    changes_per_second: Annotated[float, typer.Option("--changes-per-second", min=0.001, help="Of tasks, on average.")],
    item_bytes: Annotated[int, typer.Option("--item-bytes", min=50, max=400_000, help="Of a task's item.")] = 300,
    lists: Annotated[int, typer.Option("--lists", min=1, help="That the tasks are in, evenly.")] = 1_000,
    hot: Annotated[float, typer.Option("--hot", min=0, max=1, help="The share of changes of ten hot tasks.")] = 0.0,
    window: Annotated[int | None, typer.Option("--window", min=0, max=300, help="Of batching, in seconds.")] = None,
    batch_size: Annotated[int | None, typer.Option("--batch-size", min=1, max=10_000, help="Of records.")] = None,
    factor: Annotated[int | None, typer.Option("--factor", min=1, max=10, help="ParallelizationFactor.")] = None,
    fan_out: Annotated[FanOut, typer.Option("--fan-out", help="How index_tasks reads.")] = FanOut.SHARED,
    memory: Annotated[int | None, typer.Option("--memory", min=128, max=10_240, help="Megabytes.")] = None,
    traced: Annotated[bool, typer.Option("--traces/--no-traces", help="Whether X-Ray is on.")] = True,
) -> Exit:
    """Show what a workload costs a month and per million changes, view by view.

    Below it stand the limits that it is beyond, the one that is met next, and what a neighbouring choice would save.
    What is not given is as in template.yaml. docs/cost.md tells what the figures rest on. Nothing is asked of AWS.
    """
    given = Workload(changes_per_second, item_bytes, lists, hot)
    choices = Choices(window, batch_size, factor, memory, None, fan_out, traced)
    document = report(System(given, choices))
    ctl.screen.show(document, lambda: rendered(document))
    return Exit.FINE
