"""``shards``: the lineage of a stream's shards."""

from typing import Annotated, Any

import typer
from rich.console import Group

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.reading.shards import ListedShard
from streamctl.reading.streams import Stream, StreamName, shards_of, stream_of
from streamctl.shards_screen import ShardTree


@command("shards", example="streamctl shards changes --local", of_application=True)
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
    ctl.screen.show(document, lambda: Group(*(ShardTree(*each) for each in found)))
    return Exit.FINE


def _wanted(ctl: Control, streams: list[StreamName] | None) -> list[Stream]:
    return [stream_of(ctl.stack, name) for name in streams or StreamName]


def _document(shard: ListedShard) -> dict[str, Any]:
    return {
        "shardId": shard.shard_id,
        "parents": list(shard.parents),
        "open": shard.is_open,
        "firstSequenceNumber": shard.first,
        "lastSequenceNumber": shard.last,
        "hashKeys": list(shard.hash_keys) if shard.hash_keys else None,
    }
