"""The tables of docs/cost.md, made by the model: `python -m costs docs` writes them, a test holds them."""

import re
from collections.abc import Callable, Iterable, Sequence

from consumers.kinds import Feed
from costs.axes import short
from costs.check import Checked, checked
from costs.limits import RATES, Limit, limits, met
from costs.price_table import Dimension, price_table
from costs.report import per_million
from costs.savings import savings
from costs.screen import money
from costs.system import System
from costs.workload import Choices, FanOut, Workload

EXAMPLE_RATE = 100.0
PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def views() -> str:
    """USD per million changes, by part and dimension."""
    system = System(Workload(EXAMPLE_RATE))
    rows = []
    for part in system.parts:
        bill = part.bill(system.table)
        rate = part.source_rate or EXAMPLE_RATE
        amounts = [_cents(per_million(bill.get(each, 0.0), rate)) for each in Dimension]
        rows.append([f"`{part.name}`", *amounts, _cents(per_million(sum(bill.values()), rate))])
    whole = [sum(part.bill(system.table).get(each, 0.0) for part in system.parts) for each in Dimension]
    amounts = [_cents(per_million(amount, EXAMPLE_RATE)) for amount in whole]
    rows.append(["**in all**", *amounts, f"**{_cents(per_million(system.month, EXAMPLE_RATE))}**"])
    return markdown(["", *Dimension, "in all"], rows)


def steps() -> str:
    """How the system grows, step by step."""
    rows = []
    sized = _sized(System(Workload(1.0)))
    for rate in RATES:
        system = System(Workload(float(rate)))
        batches = " · ".join(f"{system.part(name).load.batch:.0f}" for name in sized)
        busy = sum(part.load.concurrency for part in system.parts)
        lanes = sum(part.load.lanes for part in system.parts)
        logged = sum(part.per_second.get("log_gb", 0.0) for part in system.parts) * 86_400
        beyond = [limit for limit in limits(system) if limit.share >= 1]
        rows.append(
            [
                f"{rate:,}",
                f"{system.table_shards:,} · {system.change_shards:,}",
                f"{lanes:,.0f}",
                f"{busy:,.1f}",
                batches,
                money(logged),
                f"{system.month:,.0f}",
                f"{per_million(system.month, rate):.2f}",
                _first(system, beyond),
            ]
        )
    heads = [
        "changes/s",
        "shards: table · changes",
        "lanes",
        "at work",
        f"records a batch: {' · '.join(sized)}",
    ]
    return markdown([*heads, "logs, GB/day", "USD a month", "USD per million", "limits"], rows)


def _sized(system: System) -> list[str]:
    """Return one consumer of each stream of the table's changes, the first with a table: their batches are shown."""
    views = {name: settings.view for name, settings in system.template.mappings.items()}
    fed = ([name for name in system.fed_by(feed) if views[name]] for feed in (Feed.TABLE, Feed.CHANGES))
    return [name for names in fed for name in names[:1]]


def _first(system: System, beyond: Sequence[Limit]) -> str:
    if not beyond:
        following = next(each for each in met(system) if each.rate > system.given.changes_per_second)
        return f"none; next {following.limit.name}, at {short(float(f'{following.rate:.2g}'))}"
    order = [each.limit.name for each in met(system)]
    names = sorted((limit.name for limit in beyond), key=order.index)
    return f"{len(names)} beyond: {', '.join(names[:3])}" + (" …" if len(names) > 3 else "")


def first_limits() -> str:
    """Where each limit is met, and what to do."""
    rows = [
        [f"{float(f'{each.rate:.2g}'):,.0f}", each.limit.name, f"{each.limit.allowed:,.0f} {each.limit.unit}", remedy]
        for each in met(System(Workload(1.0)))
        if (remedy := each.limit.remedy)
    ]
    return markdown(["changes/s", "limit", "allowed", "what to do"], rows)


def cheaper() -> str:
    """What a neighbouring choice saves, at three rates."""
    rows = []
    for rate in (10.0, 100.0, 1_000.0):
        system = System(Workload(rate))
        for place, each in enumerate(savings(system)[:4]):
            share = each.month / system.month
            first = [f"{rate:,.0f}", f"{system.month:,.0f}"] if not place else ["", ""]
            rows.append([*first, each.choice, f"{each.month:,.0f} ({share:.1%})", each.price])
    return markdown(["changes/s", "USD a month", "instead", "saves", "takes"], rows)


def engine() -> str:
    """Batches by the formula, and by the engine."""
    return engine_rows(checked())


def engine_rows(cases: Iterable[Checked]) -> str:
    """Put down what was played."""
    rows = []
    for name, case, found, (records, tasks) in cases:
        rows.append(
            [
                name,
                f"{case.rate:,.0f}",
                f"{found.records:,}",
                f"{found.size:.1f}",
                f"{records:.1f}",
                f"{records / found.size - 1:+.0%}",
                f"{found.tasks_in_a_batch:.1f} · {tasks:.1f}",
            ]
        )
    heads = ["mapping", "changes/s", "played", "records a batch: engine", "formula", "error", "tasks: engine · formula"]
    return markdown(heads, rows)


def prices() -> str:
    """The price table."""
    rows = []
    for name, price in price_table().prices.items():
        each = f"{price.amount:.10f}".rstrip("0").rstrip(".")
        unit = f"{each} per {short(price.per)}" if price.per > 1 else each
        rows.append([f"`{name}`", price.dimension, unit, f"[page]({price.page})", price.confirmed or "not confirmed"])
    return markdown(["price", "dimension", "USD", "source", "borne out by"], rows)


def fan_out() -> str:
    """What enhanced fan-out costs, and what it leaves to the others."""
    rows = []
    for rate in (10.0, 100.0, 1_000.0, 10_000.0):
        shared, enhanced = (System(Workload(rate), Choices(fan_out=how)) for how in FanOut)
        reading = [next(one for one in limits(system) if "shared reading" in one.name) for system in (shared, enhanced)]
        costs = [_of_pushed(system) for system in (shared, enhanced)]
        rows.append([f"{rate:,.0f}", *(f"{cost:,.0f}" for cost in costs), *(f"{limit.share:.0%}" for limit in reading)])
    pushed = ", ".join(shared.pushed)
    heads = [f"{pushed}, USD a month: shared", "enhanced", "of a shard's 2 MB/s, read by sharers: shared", "enhanced"]
    return markdown(["changes/s", *heads], rows)


def _of_pushed(system: System) -> float:
    return sum(sum(system.part(name).bill(system.table).values()) for name in system.pushed)


TABLES: dict[str, Callable[[], str]] = {
    each.__name__: each for each in (views, steps, first_limits, cheaper, fan_out, engine, prices)
}


def with_tables(page: str) -> str:
    """Return a page with its tables as they are now."""
    return PLACE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", page)


def markdown(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose columns but the first are aligned to the right where they hold numbers."""
    listed = list(rows)
    heads = list(heads)
    numeric = [all(re.fullmatch(r"[-*+\d.,%· ]*", row[place]) for row in listed) for place in range(len(heads))]
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join("--:" if each else "---" for each in numeric) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in listed)])


def _cents(amount: float) -> str:
    return f"{amount:.2f}" if amount >= 0.005 else ("0" if amount else "")
