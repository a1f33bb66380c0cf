"""``shards``: the lineage of a stream's shards."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.reading.lineage import Descent, families
from streamctl.reading.shards import Shard
from streamctl.reading.streams import Stream, StreamName, shards_of, stream_of
from streamctl.words import several


@command("shards", example="streamctl shards changes --local")
def shards(
    ctl: Control,
    streams: Annotated[
        list[StreamName] | None, typer.Argument(metavar="[table|changes|ledger]…", help="Which streams; all of them.")
    ] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Leave closed shards out.")] = False,
) -> Exit:
    """Show the shards of the streams as a tree of parents and children, open and closed, with their sequence numbers.

    A shard that a merge made stands under the first of its parents.
    """
    found = [(stream, shards_of(ctl.stack, stream)) for stream in _wanted(ctl, streams)]
    if only_open:
        found = [(stream, [each for each in listed if each.is_open]) for stream, listed in found]
    document = {
        "streams": [
            {"stream": stream.name, "arn": stream.arn, "shards": [_document(each) for each in listed]}
            for stream, listed in found
        ]
    }
    ctl.screen.show(document, lambda: Group(*(_tree(stream, listed) for stream, listed in found)))
    return Exit.FINE


def _wanted(ctl: Control, streams: list[StreamName] | None) -> list[Stream]:
    return [stream_of(ctl.stack, name) for name in streams or StreamName]


def _document(shard: Shard) -> dict[str, Any]:
    return {
        "shardId": shard.shard_id,
        "parents": list(shard.parents),
        "open": shard.is_open,
        "firstSequenceNumber": shard.first,
        "lastSequenceNumber": shard.last,
        "hashKeys": list(shard.hash_keys) if shard.hash_keys else None,
    }


def _tree(stream: Stream, shards: Sequence[Shard]) -> RenderableType:
    count = sum(shard.is_open for shard in shards)
    label = Text.assemble(
        (stream.name, "bold"), f"  {stream.resource}: ", f"{several(len(shards), 'shard')}, {count} open"
    )
    tree = Tree(label, guide_style="dim")
    for descent in families(shards):
        _add(tree, descent)
    return tree


def _add(tree: Tree, descent: Descent, *, is_child: bool = False) -> None:
    shard = descent.shard
    state = ("open  ", "green") if shard.is_open else ("closed", "dim")
    label = Text.assemble(shard.shard_id, "  ", state)
    if descent.other_parents:
        label.append(f"  also of {', '.join(descent.other_parents)}" if is_child else "  its parent is trimmed", "dim")
    label.append(f"\nfrom {shard.first}" + (f"\nto   {shard.last}" if shard.last else ""), style="dim")
    branch = tree.add(label)
    for child in descent.children:
        _add(branch, child, is_child=True)
