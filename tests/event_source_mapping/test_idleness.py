"""When a mapping has nothing left to deliver, which tells a test or a host that it may look at what was done."""

from event_source_mapping import Step, StepKind
from event_source_mapping.rehearsal import Rehearsal, running
from event_source_mapping.virtual_time import run


def test_a_mapping_is_idle_only_when_what_was_read_is_settled() -> None:
    rehearsal = Rehearsal({}, duration=10.0)
    rehearsal.put("a")

    async def looked_at_in_flight() -> list[bool]:
        async with running(rehearsal):
            seen = [rehearsal.mapping.idle()]
            await rehearsal.clock.sleep(5)
            seen.append(rehearsal.mapping.idle())
            await rehearsal.clock.sleep(6)
            return [*seen, rehearsal.mapping.idle()]

    assert run(looked_at_in_flight()) == [False, False, True]


def test_a_mapping_is_not_idle_while_the_children_of_a_shard_that_ended_are_unknown() -> None:
    rehearsal = Rehearsal({})
    seen: list[bool] = []

    class Looking:
        def on(self, step: Step) -> None:
            if step.kind is StepKind.SHARD_CLOSED:
                seen.append(rehearsal.mapping.idle())

    rehearsal.log = Looking()  # type: ignore[assignment]
    rehearsal.new_mapping()
    rehearsal.store.split(rehearsal.store.listing()[0].shard_id)

    rehearsal.play()

    assert seen == [False]
