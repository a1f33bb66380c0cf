"""Counting members by status so that a change counts once, however often and late it is delivered.

Every member of a group has a row that remembers the status it was last counted under and the position of the change
that said so. The difference between that row and a newer change is what the totals move by; rows and totals are
written together, on condition that the rows still stand as they were read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from changestream.core.position import Position, supersedes

TOTAL = "total"
"""The name under which all present members are counted, whatever their status."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a membership row says. ``status`` is ``None`` for a member that was removed: the row is a tombstone."""

    watermark: Position
    status: str | None


@dataclass(frozen=True, slots=True)
class MemberWrite:
    """A membership row to write, and the row that must still be there for the difference to hold."""

    member_id: str
    before: Member | None
    after: Member


@dataclass(frozen=True, slots=True)
class Settlement:
    """The rows to write for a group, the amounts by which its totals move, and the members already up to date."""

    writes: tuple[MemberWrite, ...]
    totals: Mapping[str, int]
    superseded: frozenset[str]


def settle(newest: Iterable[tuple[str, Member]], members: Mapping[str, Member]) -> Settlement:
    """Work out what the newest change of each member means for its group.

    ``newest`` holds (member id, the row as that change would leave it), one per member; ``members`` the rows as read.
    A row is written even where no total moves: its watermark is what makes older changes lose later.
    """
    writes: list[MemberWrite] = []
    totals: Counter[str] = Counter()
    superseded: set[str] = set()
    for member_id, after in newest:
        before = members.get(member_id)
        if not supersedes(after.watermark, before.watermark if before else None):
            superseded.add(member_id)
            continue
        writes.append(MemberWrite(member_id, before, after))
        totals.update(_counted(after))
        totals.subtract(_counted(before))
    moved = {name: amount for name, amount in totals.items() if amount}
    return Settlement(tuple(writes), moved, frozenset(superseded))


def _counted(member: Member | None) -> dict[str, int]:
    return {TOTAL: 1, member.status: 1} if member and member.status else {}
