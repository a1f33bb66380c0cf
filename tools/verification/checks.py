"""The checks of a view, by the kind of its consumer.

Each takes what the consumer was given, its view, and ``excused``, which tells whether each of some records is parked or
reported for the consumer. A check yields what is wrong; every kind of consumer has one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from changestream.core.observation_set import apart
from consumers.kinds import Kind
from consumers.reading import Consumer
from verification.changes import Given
from verification.view import Row, View, is_tombstone, watermark

Excused = Callable[[Sequence[str]], bool]
NameOf = Callable[[Mapping[str, str]], str]
"""Returns the name of an item, by its keys, as the pattern ``{item}`` of ``Row`` stands for it."""

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in a view; ``numbers`` are the records concerned."""

    subject: str
    what: str
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A consumer with what it was given and what it made of that."""

    consumer: Consumer
    given: Sequence[Given]
    view: View
    excused: Excused
    name_of: NameOf


Check = Callable[[Subject], Iterator[Problem]]

CHECKED: Mapping[Kind, str] = {
    Kind.NEWEST: "one row an item, at the position of its newest change",
    Kind.ROWS: "one row for each change, and no other",
    Kind.TALLY: "memberships at the newest changes, totals that are their sums",
    Kind.EFFECT: "each remembered effect is that of one change",
    Kind.WINDOW: "each change counted once",
}


def check(subject: Subject) -> list[Problem]:
    """Return what is wrong in the view of a consumer, by its kind."""
    return list(_CHECKS[subject.consumer.kind](subject))


def _newest(subject: Subject) -> Iterator[Problem]:
    yield from _newest_rows(subject, subject.view.rows)


def _newest_rows(subject: Subject, rows: Sequence[Row]) -> Iterator[Problem]:
    keys = subject.view.keys
    changes: defaultdict[tuple[str, ...], list[Given]] = defaultdict(list)
    for one in subject.given:
        if not one.keys.keys() >= set(keys):
            yield Problem(one.subject, f"has no key {', '.join(keys)}: the view needs the key of its items")
            return
        changes[tuple(one.keys[name] for name in keys)].append(one)
    by_key = {subject.view.key_of(row): row for row in rows}
    for key, of_item in changes.items():
        yield from _newest_row(subject, of_item, by_key.pop(key, None))
    for key in by_key:
        yield Problem("/".join(key), "is in the view, and no change of it was delivered")


def _newest_row(subject: Subject, changes: Sequence[Given], row: Row | None) -> Iterator[Problem]:
    name, position = changes[0].subject, -1
    if row is not None:
        shown = watermark(row)
        applied = next((one for one in changes if one.position == shown), None)
        if applied is None:
            yield Problem(name, f"carries the watermark {shown}, which is that of no change")
            return
        position = applied.position
        if applied.is_removal != is_tombstone(row):
            what = "is gone, and its row is no tombstone" if applied.is_removal else "is there, and has a tombstone"
            yield Problem(name, what, tuple(applied.numbers))
    there = "no row" if row is None else f"a row at {position}"
    for one in changes:
        if one.position > position and not subject.excused(one.numbers):
            what = f"the change at {one.position} is neither applied nor parked nor reported: {there} is there"
            yield Problem(name, what, tuple(one.numbers))


def _rows(subject: Subject) -> Iterator[Problem]:
    if subject.consumer.row.keys() != set(subject.view.keys):
        needed = ", ".join(f"{name}: …" for name in subject.view.keys)
        yield Problem(subject.consumer.name, f"needs `Row: {{{needed}}}` in its Metadata: the key of a change's row")
        return
    found = Counter(subject.view.key_of(row) for row in subject.view.rows)
    for one in subject.given:
        key = tuple(_filled(subject, subject.consumer.row[name], one) for name in subject.view.keys)
        if found.pop(key, 0) or subject.excused(one.numbers):
            continue
        what = f"the change at {one.position} has no row, and is neither parked nor reported"
        yield Problem(one.subject, what, tuple(one.numbers))
    for key in found:
        yield Problem("/".join(key), "is a row of no change that was delivered")


def _filled(subject: Subject, pattern: str, one: Given) -> str:
    position, digest = f"{one.position:040d}", one.change.digest().hex()[:16] if one.change else ""
    return pattern.format(item=subject.name_of(one.keys), position=position, digest=digest)


def _tally(subject: Subject) -> Iterator[Problem]:
    group = subject.view.keys[0]
    members = [row for row in subject.view.rows if watermark(row) is not None]
    yield from _newest_rows(subject, members)
    totals: dict[str, Counter[str]] = {}
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in subject.view.rows:
        if watermark(row) is None:
            amounts = {name: int(value["N"]) for name, value in row.items() if "N" in value}
            totals[row[group]["S"]] = Counter({name: amount for name, amount in amounts.items() if amount})
        elif not is_tombstone(row):
            sums[row[group]["S"]].update([TOTAL, row["status"]["S"]])
    for name in sorted({*totals, *sums}):
        total, summed = totals.get(name, Counter()), sums[name]
        if total != summed:
            yield Problem(name, f"has the totals {dict(total)}, and its memberships come to {dict(summed)}")


def _effect(subject: Subject) -> Iterator[Problem]:
    (key, *_) = subject.view.keys
    by_memory = {one.memory: one for one in subject.given}
    remembered: Counter[str] = Counter()
    for row in subject.view.rows:
        identity = row[key]["S"]
        memory = identity.rpartition("#")[2]
        if row.get("status") != {"S": "COMPLETED"}:
            continue
        remembered[memory] += 1
        if memory not in by_memory:
            yield Problem(identity, "is remembered, and is the effect of no change that was delivered")
    for memory, times in remembered.items():
        if times > 1 and memory in by_memory:
            one = by_memory[memory]
            yield Problem(one.subject, f"has its effect remembered {times} times", tuple(one.numbers))
    if subject.given and not remembered and not all(subject.excused(one.numbers) for one in subject.given):
        yield Problem(subject.consumer.name, "remembers no effect of any change that was delivered")


def _window(subject: Subject) -> Iterator[Problem]:
    group = subject.view.keys[0]
    counted: defaultdict[str, set[bytes]] = defaultdict(set)
    for row in subject.view.rows:
        counted[row[group]["S"]].update(apart(bytes(row["observations"]["B"])))
    most, least = Counter[str](), Counter[str]()
    for one in subject.given:
        if group not in one.keys:
            yield Problem(one.subject, f"has no key {group}: the windows of the view are those of a key of its items")
            return
        most[one.keys[group]] += 1
        least[one.keys[group]] += not subject.excused(one.numbers)
    for name in sorted({*most, *counted}):
        if not least[name] <= len(counted[name]) <= most[name]:
            counts = f"{most[name]} were delivered, {most[name] - least[name]} of them are parked or reported"
            yield Problem(name, f"has {len(counted[name])} changes counted; {counts}")


_CHECKS: Mapping[Kind, Check] = {
    Kind.NEWEST: _newest,
    Kind.ROWS: _rows,
    Kind.TALLY: _tally,
    Kind.EFFECT: _effect,
    Kind.WINDOW: _window,
}
