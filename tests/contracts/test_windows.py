"""What of the contract is said otherwise in tumbling windows.

The shared suite delivers in windows too (``measure_changes_in_windows``): batches and final invocations that come again
with the state from before, windows that come again, end early or late. What a window cannot promise of it:

- *That a failure is answered.* What becomes of the state beside ``batchItemFailures`` is not documented. It is handed
  over to recovery, in a message whose first sequence number is the lowest that is not done.
- *That the view is as one delivery left it, before the window has ended.* Until then a change stands in its state.
- *That nothing is lost with a final invocation that dies whenever it is tried.* The shard waits for it, and the usual
  retry settings apply; if it is given up, no record is in it that a message could name. Nor can a function keep the
  state of a window that its mapping forgets. What was in it, a message about its stretch of the shard brings back.
- *Which changes are late.* That is said of a window: a change that came in time once is not late.

Sources: Developer Guide, "Implementing stateful processing"; docs/decisions/measures.md.
"""

from random import Random

import pytest

from contracts.conftest import ADAPTERS, MEMORY, SERVED
from contracts.consumer import STEP, numbered, sequence_number_of
from contracts.examples import draws, for_any
from contracts.measuring_in_windows import WindowConsumer
from contracts.plans import redelivered
from contracts.test_completeness import adapter_of
from contracts.test_consumers import view_after

WINDOWED = [name for name in ADAPTERS if adapter_of(name).in_windows]


@pytest.mark.parametrize(
    "consumer", [(name, where) for name in WINDOWED for where in (MEMORY, SERVED)], ids="-".join, indirect=True
)
@for_any(draw=draws)
def test_what_a_window_could_not_write_recovery_brings_back_but_for_poison(
    consumer: WindowConsumer, draw: Random
) -> None:
    history = consumer.history(draw)
    once = view_after(consumer, [numbered(history)])
    place = draw.randrange(len(history) + 1)
    records = numbered([*history[:place], consumer.poison("bad", place * STEP + STEP // 2), *history[place:]])

    consumer.begin()
    consumer.settings(**{consumer.variable: "not-there"})
    for batch in redelivered(draw, records):
        consumer.windows.deliver(batch)
    consumer.windows.end()
    consumer.settings(**{consumer.variable: consumer.table})
    left = {number for batch in consumer.handed_over() for number in consumer.recovered(batch, records)}

    assert left == {sequence_number_of(records[place])}
    assert consumer.snapshot() == once
