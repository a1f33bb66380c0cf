"""The plots of docs/cost.md, drawn from the model: `python -m costs plot`."""

from collections.abc import Callable, Sequence

from costs.axes import Panel, short
from costs.limits import RATES, met
from costs.price_table import Dimension
from costs.report import per_million
from costs.savings import BATCH_SIZES, FACTORS, MEMORIES
from costs.svg import Drawing
from costs.system import System
from costs.workload import Choices, FanOut, Workload

SHOWN = (10.0, 100.0, 1_000.0)
FAN_OUT = "Enhanced fan-out"
USD = "USD per million changes"
KINDS: Sequence[tuple[str, Sequence[Dimension]]] = (
    ("DynamoDB: writes and reads", (Dimension.WRITES, Dimension.READS)),
    ("streams and capture", (Dimension.STREAM,)),
    ("Lambda: requests and computing", (Dimension.REQUESTS, Dimension.COMPUTE)),
    ("logs and traces", (Dimension.LOGS, Dimension.TRACES)),
    ("a month's rows, kept; notifications", (Dimension.STORAGE, Dimension.NOTIFICATIONS)),
    ("standing: streams, alarms, metrics", (Dimension.STANDING,)),
)

Cost = Callable[[float, float], float]
"""(rate, place on the horizontal axis) > USD per million changes"""


def choices() -> str:
    """What each choice does to the cost of a million changes."""
    drawing = Drawing(960, 690, "What each choice does", "Cost of a million changes by six choices, at three rates")
    panels: list[tuple[str, str, Sequence[float], Cost]] = [
        ("Batching window", "seconds", (0, 1, 2, 5, 10), lambda r, x: _of(r, Choices(window=x))),
        ("Batch size", "records at most", BATCH_SIZES, lambda r, x: _of(r, Choices(batch_size=int(x)))),
        ("Parallelization factor", "lanes of a shard", FACTORS, lambda r, x: _of(r, Choices(factor=int(x)))),
        ("Collapse", "share of changes of ten hot tasks", (0, 0.25, 0.5, 0.75, 0.9), _hot),
        ("Memory", "MB", MEMORIES, lambda r, x: _of(r, Choices(memory=int(x)))),
        (FAN_OUT, "how the search index reads", (0, 1), _fan_out),
    ]
    names = {FAN_OUT: tuple(FanOut)}
    drawn = [[[(x, cost(rate, x)) for x in places] for rate in SHOWN] for _, _, places, cost in panels]
    most = 1.12 * max(y for panel in drawn for curve in panel for _, y in curve)
    for number, ((title, below, places, _), curves) in enumerate(zip(panels, drawn, strict=True)):
        left, top = 70 + number % 3 * 305, 70 + number // 3 * 315
        panel = Panel(drawing, left, top, 235, 215, places, most)
        panel.frame(title, below, USD, names.get(title, ()))
        for series, curve in enumerate(curves):
            panel.curve(curve, series)
    for series, rate in enumerate(SHOWN):
        drawing.dot((74 + series * 190, 25), f"s{series}", 5)
        drawing.text((86 + series * 190, 29), f"{rate:,.0f} changes a second")
    return drawing.document()


def _of(rate: float, chosen: Choices) -> float:
    return per_million(System(Workload(rate), chosen).month, rate)


def _hot(rate: float, share: float) -> float:
    return per_million(System(Workload(rate, hot=share)).month, rate)


def _fan_out(rate: float, readers: float) -> float:
    return _of(rate, Choices(fan_out=FanOut.ENHANCED if readers else FanOut.SHARED))


def rates() -> str:
    """What a million changes cost, and for what, by how many come a second."""
    drawing = Drawing(
        960, 470, "Cost by rate", "Cost of a million changes by kind, from 1 to 1,000,000 changes a second"
    )
    systems = [System(Workload(float(rate))) for rate in RATES]
    heights = [[_kind(system, kind) for _, kind in KINDS] for system in systems]
    for half, (first, title) in enumerate(((0, "All rates"), (2, "From 100 a second on, enlarged"))):
        shown = RATES[first:]
        most = 1.12 * max(sum(height) for height in heights[first:])
        panel = Panel(drawing, 70 + half * 465, 95, 395, 300, shown, most, inset=34)
        panel.frame(title, "changes a second", USD)
        _stacks(drawing, panel, heights[first:])
    for series, (name, _) in enumerate(KINDS):
        drawing.box((70 + series % 3 * 300, 18 + series // 3 * 22), 12, 12, f"s{series}")
        drawing.text((88 + series % 3 * 300, 29 + series // 3 * 22), name)
    return drawing.document()


def _stacks(drawing: Drawing, panel: Panel, heights: Sequence[Sequence[float]]) -> None:
    for rate, height in zip(panel.places, heights, strict=True):
        below = 0.0
        for series, amount in enumerate(height):
            x, top = panel.at(rate, below + amount)
            (_, bottom) = panel.at(rate, below)
            drawing.box((x - 17, top), 34, bottom - top, f"s{series}")
            below += amount
        x, y = panel.at(rate, below)
        drawing.text((x, y - 5), f"{below:.1f}", style="small", anchor="middle")


def _kind(system: System, kind: Sequence[Dimension]) -> float:
    month = sum(part.bill(system.table).get(dimension, 0.0) for part in system.parts for dimension in kind)
    return per_million(month, system.given.changes_per_second)


def scale() -> str:
    """At which rate each limit is met."""
    found = met(System(Workload(1.0)))
    height = 100 + 26 * len(found)
    drawing = Drawing(
        960, height, "Limits by rate", "The changes a second at which each limit is met, all else the same"
    )
    places = tuple(10.0**power for power in range(8))
    panel = Panel(drawing, 300, 40, 560, height - 90.0, places, 1.0)
    drawing.text((20, 24), "Changes a second at which a limit is met, settings and quotas as they are", style="title")
    for place in places:
        x = panel.across(place)
        drawing.line([(x, panel.top), (x, panel.top + panel.height)], "grid")
        drawing.text((x, panel.top + panel.height + 18), short(place), style="small", anchor="middle")
    drawing.text((580, panel.top + panel.height + 38), "changes a second", style="small", anchor="middle")
    for number, each in enumerate(found):
        y, x = panel.top + 16 + number * 26, panel.across(each.rate)
        drawing.text((290, y + 4), each.limit.name, anchor="end")
        drawing.line([(panel.left, y), (x, y)], "line s0")
        drawing.dot((x, y), "s0", 4)
        drawing.text((x + 9, y + 4), f"{float(f'{each.rate:.2g}'):,.0f}", style="small")
    return drawing.document()


PLOTS: dict[str, Callable[[], str]] = {"cost-choices": choices, "cost-rates": rates, "cost-limits": scale}
"""By the name of the file in docs/plots."""
