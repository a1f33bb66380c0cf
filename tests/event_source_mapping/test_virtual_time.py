"""Virtual time passes only while everything waits."""

import asyncio
import time

import pytest

from event_source_mapping.clock import SystemClock, wait_until
from event_source_mapping.virtual_time import DEFAULT_START, Deadlock, VirtualClock, run


def test_a_year_passes_in_a_moment_and_to_the_second() -> None:
    clock = VirtualClock()

    async def a_year() -> float:
        await clock.sleep(365 * 86_400)
        return clock.now()

    assert run(a_year()) == DEFAULT_START + 365 * 86_400


def test_sleepers_wake_in_the_order_of_their_time() -> None:
    clock, woken = VirtualClock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async def several() -> None:
        await asyncio.gather(*(sleeper(seconds) for seconds in (3, 1, 2)))

    run(several())

    assert woken == [1, 2, 3]


def test_the_shortest_time_passes_too() -> None:
    clock = VirtualClock()

    async def a_moment() -> float:
        deadline = clock.now() + 0.000_000_5
        await asyncio.gather(clock.sleep(deadline - clock.now()), asyncio.sleep(0), asyncio.sleep(0))
        return clock.now() - deadline

    assert run(a_moment()) >= 0


def test_waiting_for_what_nobody_does_is_an_error_rather_than_a_hang() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        run(forever())


def test_waiting_ends_with_the_event_or_at_the_deadline() -> None:
    clock, event = VirtualClock(), asyncio.Event()

    async def both() -> list[float]:
        await wait_until(clock, event, clock.now() + 5)
        ended_by_deadline = clock.now()
        asyncio.get_running_loop().call_later(2, event.set)
        await wait_until(clock, event, clock.now() + 5)
        return [ended_by_deadline - DEFAULT_START, clock.now() - DEFAULT_START]

    assert run(both()) == [5, 7]


def test_the_system_clock_is_the_machines() -> None:
    before = time.time()

    asyncio.run(SystemClock().sleep(0))

    assert before <= SystemClock().now() <= time.time()
