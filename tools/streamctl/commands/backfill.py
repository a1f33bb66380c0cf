"""``backfill``: the table as it stands goes to one consumer."""

from typing import Annotated

from typer import Argument

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.replaying.backfill import TableShape, plan_backfill
from streamctl.replaying.options import MOST_FAILURES, RATE, RECEIPT, RESUME, SEGMENTS
from streamctl.replaying.receipt import resumed
from streamctl.replaying.running import run
from streamctl.replaying.tables import TableReader
from streamctl.replaying.target import find, sources_of


@command("backfill", example="streamctl backfill count_tasks --rate 500 --local", writes=True, of_application=True)
def backfill(
    ctl: Control,
    function: Annotated[str, Argument(help="Its folder, logical id, name or ARN; it may be none of the stack's.")],
    rate: RATE = 100,
    receipt: RECEIPT = None,
    resume: RESUME = None,
    max_failures: MOST_FAILURES = 100,
    segments: SEGMENTS = 4,
) -> Exit:
    """Deliver the table as it stands to one consumer, as insertions that every real change supersedes.

    For consumers that keep the newest state, or a tally of it, and are mapped already (docs/replay-and-backfill.md).
    Ends with 1 if an item was not applied: the receipt says which and why, and --resume tries them again.
    """
    with resumed(resume) as kept:
        sources = sources_of(ctl.stack)
        target = find(function, ctl.stack, sources)
        dynamodb = ctl.stack.client("dynamodb")
        shape = TableShape.of(dynamodb.describe_table(TableName=sources.tasks_table)["Table"])
        plan = plan_backfill(target, sources, TableReader(dynamodb, sources.tasks_table), shape, segments)
        return run(ctl, plan, kept, receipt, rate, max_failures)
