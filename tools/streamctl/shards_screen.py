"""The shards of a stream as a tree of parents and children."""

from collections.abc import Iterator, Sequence

from streamctl.reading.lineage import Descent, families
from streamctl.reading.shards import ListedShard
from streamctl.reading.streams import Stream
from streamctl.words import several
from terminal.flow import Flow
from terminal.lines import Line, Lines
from terminal.text import Text, whole_line


class ShardTree(Lines):
    """The shards of a stream.

    Where a sequence number does not fit beside the tree's lines, it stands nearer to the edge, without a word.
    """

    def __init__(self, stream: Stream, shards: Sequence[ListedShard]) -> None:
        self._stream = stream
        self._shards = shards

    def lines(self, width: int) -> Iterator[Line]:
        count = sum(shard.is_open for shard in self._shards)
        told = f"{self._stream.resource}: {several(len(self._shards), 'shard')}, {count} open"
        yield from Flow().whole(self._stream.name, "bold").prose(told).lines(width)
        yield from _below(families(self._shards), "", width, is_child=False)


def _below(descents: Sequence[Descent], guide: str, width: int, *, is_child: bool) -> Iterator[Text]:
    for descent in descents:
        is_last = descent is descents[-1]
        under = guide + ("    " if is_last else "│   ")
        yield from _shard(descent, guide + ("└── " if is_last else "├── "), width, is_child=is_child)
        yield _nearest(under, "from ", descent.shard.first, width)
        if descent.shard.last:
            yield _nearest(under, "to   ", descent.shard.last, width)
        yield from _below(descent.children, under, width, is_child=True)


def _shard(descent: Descent, guide: str, width: int, *, is_child: bool) -> Iterator[Text]:
    shard, hanging = descent.shard, " " * len(guide)
    state = ("open", "green") if shard.is_open else ("closed", "dim")
    yield whole_line(Text.assemble((guide, "dim"), shard.shard_id, "  ", state))
    if descent.other_parents and not is_child:
        yield whole_line(f"{hanging}its parent is trimmed", "dim")
    for parent in descent.other_parents if is_child else ():
        yield _nearest(hanging, "also of ", parent, width)


def _nearest(guide: str, word: str, number: str, width: int) -> Text:
    """Return a line with a number as far in as it fits; a range's end is marked even if its word does not fit."""
    mark = "- " if word.startswith("to") else "  "
    choices = (guide + word, word, mark)
    return whole_line(next((each for each in choices if len(each) + len(number) <= width), "") + number, "dim")
