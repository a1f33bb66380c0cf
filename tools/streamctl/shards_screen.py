"""The shards of a stream as a tree of parents and children."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType

from streamctl.reading.lineage import Descent, families
from streamctl.reading.shards import Shard
from streamctl.reading.streams import Stream
from streamctl.words import several
from terminal.flow import Flow
from terminal.text import Text, whole_line


def shards_screen(stream: Stream, shards: Sequence[Shard], width: int) -> RenderableType:
    """Return a stream's shards in ``width`` columns.

    Where a sequence number does not fit beside the tree's lines, it stands nearer to the edge, without a word.
    """
    count = sum(shard.is_open for shard in shards)
    head = Flow().whole(stream.name, "bold").prose(f"{stream.resource}: {several(len(shards), 'shard')}, {count} open")
    return Group(head, *_below(families(shards), "", width, is_child=False))


def _below(descents: Sequence[Descent], guide: str, width: int, *, is_child: bool) -> Iterator[RenderableType]:
    for descent in descents:
        is_last = descent is descents[-1]
        yield from _lines(descent, (guide + ("└── " if is_last else "├── ")), width, is_child=is_child)
        under = guide + ("    " if is_last else "│   ")
        yield from _numbers(descent, under, width)
        yield from _below(descent.children, under, width, is_child=True)


def _lines(descent: Descent, guide: str, width: int, *, is_child: bool) -> Iterator[RenderableType]:
    shard, hanging = descent.shard, " " * len(guide)
    yield whole_line(
        Text.assemble((guide, "dim"), shard.shard_id, "  ", ("open", "green") if shard.is_open else ("closed", "dim"))
    )
    if descent.other_parents and not is_child:
        yield whole_line(f"{hanging}its parent is trimmed", "dim")
    for parent in descent.other_parents if is_child else ():
        yield _nearest(hanging, "also of ", parent, width)


def _numbers(descent: Descent, guide: str, width: int) -> Iterator[RenderableType]:
    yield _nearest(guide, "from ", descent.shard.first, width)
    if descent.shard.last:
        yield _nearest(guide, "to   ", descent.shard.last, width)


def _nearest(guide: str, word: str, number: str, width: int) -> Text:
    """Return a line with a number as far in as it fits; a range's end is marked even if its word does not fit."""
    mark = "- " if word.startswith("to") else "  "
    choices = (guide + word, word, mark)
    return whole_line(next((each for each in choices if len(each) + len(number) <= width), "") + number, "dim")
