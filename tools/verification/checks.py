"""The checks of a view, by the kind of its consumer. A check yields what is wrong; every kind of consumer has one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from changestream.core.observation_set import apart
from consumers.kinds import Kind
from consumers.rows import row_key
from verification.changes import Given
from verification.subject import ViewProblem, ViewSubject
from verification.view import Row, is_tombstone, watermark

TOTAL = "total"


Check = Callable[[ViewSubject], Iterator[ViewProblem]]

CHECKED: Mapping[Kind, str] = {
    Kind.NEWEST: "one row an item, at the position of its newest change",
    Kind.ROWS: "one row for each change, and no other",
    Kind.TALLY: "memberships at the newest changes, totals that are their sums",
    Kind.EFFECT: "each remembered effect is that of one change",
    Kind.WINDOW: "each change counted once",
}


def check(subject: ViewSubject) -> list[ViewProblem]:
    """Return what is wrong in the view of a consumer, by its kind and, if that is known, by its content."""
    return [*_CHECKS[subject.consumer.kind](subject), *subject.figures()]


def _newest(subject: ViewSubject) -> Iterator[ViewProblem]:
    yield from _newest_rows(subject, subject.view.rows)


def _newest_rows(subject: ViewSubject, rows: Sequence[Row]) -> Iterator[ViewProblem]:
    keys = subject.view.keys
    changes: defaultdict[tuple[str, ...], list[Given]] = defaultdict(list)
    for one in subject.given:
        if not one.keys.keys() >= set(keys):
            yield ViewProblem(one.subject, f"has no key {', '.join(keys)}: the view needs the key of its items")
            return
        changes[tuple(one.keys[name] for name in keys)].append(one)
    by_key = {subject.view.key_of(row): row for row in rows}
    for key, of_item in changes.items():
        yield from _newest_row(subject, of_item, by_key.pop(key, None))
    for key in by_key:
        yield ViewProblem("/".join(key), "is in the view, and no change of it was delivered")


def _newest_row(subject: ViewSubject, changes: Sequence[Given], row: Row | None) -> Iterator[ViewProblem]:
    name, position = changes[0].subject, -1
    if row is not None:
        shown = watermark(row)
        applied = next((one for one in changes if one.position == shown), None)
        if applied is None:
            yield ViewProblem(name, f"carries the watermark {shown}, which is that of no change")
            return
        position = applied.position
        if applied.is_removal != is_tombstone(row):
            what = "is gone, and its row is no tombstone" if applied.is_removal else "is there, and has a tombstone"
            yield ViewProblem(name, what, tuple(applied.numbers))
        if difference := subject.difference(applied, row):
            yield ViewProblem(name, difference, tuple(applied.numbers))
    there = "no row" if row is None else f"a row at {position}"
    for one in changes:
        if one.position > position and not subject.excused(one.numbers):
            what = f"the change at {one.position} is neither applied nor parked nor reported: {there} is there"
            yield ViewProblem(name, what, tuple(one.numbers))


def _rows(subject: ViewSubject) -> Iterator[ViewProblem]:
    if subject.consumer.row.keys() != set(subject.view.keys):
        needed = ", ".join(f"{name}: …" for name in subject.view.keys)
        yield ViewProblem(
            subject.consumer.name, f"needs `Row: {{{needed}}}` in its Metadata: the key of a change's row"
        )
        return
    found = {subject.view.key_of(row): row for row in subject.view.rows}
    for one in subject.given:
        if one.change is None:
            yield ViewProblem(subject.consumer.name, "keeps rows of a stream whose changes the check cannot read")
            return
        filled = row_key(subject.consumer.row, subject.name_of(one.keys), one.change)
        key = tuple(filled[name] for name in subject.view.keys)
        row = found.pop(key, None)
        if row is not None:
            if difference := subject.difference(one, row):
                yield ViewProblem(one.subject, difference, tuple(one.numbers))
        elif not subject.excused(one.numbers):
            what = f"the change at {one.position} has no row, and is neither parked nor reported"
            yield ViewProblem(one.subject, what, tuple(one.numbers))
    for key in found:
        yield ViewProblem("/".join(key), "is a row of no change that was delivered")


def _tally(subject: ViewSubject) -> Iterator[ViewProblem]:
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
            yield ViewProblem(name, f"has the totals {dict(total)}, and its memberships come to {dict(summed)}")


def _effect(subject: ViewSubject) -> Iterator[ViewProblem]:
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
            yield ViewProblem(identity, "is remembered, and is the effect of no change that was delivered")
    for memory, times in remembered.items():
        if times > 1 and memory in by_memory:
            one = by_memory[memory]
            yield ViewProblem(one.subject, f"has its effect remembered {times} times", tuple(one.numbers))
    if subject.given and not remembered and not all(subject.excused(one.numbers) for one in subject.given):
        yield ViewProblem(subject.consumer.name, "remembers no effect of any change that was delivered")


def _window(subject: ViewSubject) -> Iterator[ViewProblem]:
    group = subject.view.keys[0]
    counted: defaultdict[str, set[bytes]] = defaultdict(set)
    for row in subject.view.rows:
        counted[row[group]["S"]].update(apart(bytes(row["observations"]["B"])))
    most, least = Counter[str](), Counter[str]()
    for one in subject.given:
        if group not in one.keys:
            yield ViewProblem(
                one.subject, f"has no key {group}: the windows of the view are those of a key of its items"
            )
            return
        most[one.keys[group]] += 1
        least[one.keys[group]] += not subject.excused(one.numbers)
    for name in sorted({*most, *counted}):
        if not least[name] <= len(counted[name]) <= most[name]:
            counts = f"{most[name]} were delivered, {most[name] - least[name]} of them are parked or reported"
            yield ViewProblem(name, f"has {len(counted[name])} changes counted; {counts}")


_CHECKS: Mapping[Kind, Check] = {
    Kind.NEWEST: _newest,
    Kind.ROWS: _rows,
    Kind.TALLY: _tally,
    Kind.EFFECT: _effect,
    Kind.WINDOW: _window,
}
