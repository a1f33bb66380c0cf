"""The lineage of shards."""

from typing import Any

from streamctl.exits import Exit
from streamctl.reading.lineage import families
from streamctl.reading.shards import ListedShard, kinesis_shards, table_shards

from .world import Deployed


def shard(name: str, *parents: str, last: str | None = None) -> ListedShard:
    return ListedShard(name, parents, "1", last)


class PagedStream:
    """DescribeStream and ListShards as they answer for a stream of many shards: two a page."""

    def __init__(self, count: int) -> None:
        self._ids = [f"shardId-{number:03}" for number in range(count)]

    def describe_stream(self, *, StreamArn: str, ExclusiveStartShardId: str | None = None) -> dict[str, Any]:  # noqa: N803
        start = self._ids.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        page = self._ids[start : start + 2]
        description: dict[str, Any] = {
            "Shards": [{"ShardId": each, "SequenceNumberRange": {"StartingSequenceNumber": "1"}} for each in page]
        }
        if start + 2 < len(self._ids):
            description["LastEvaluatedShardId"] = page[-1]
        return {"StreamDescription": description}

    def list_shards(self, **request: str) -> dict[str, Any]:
        assert len(request) == 1, "Kinesis takes the stream or the token, and not both"
        start = int(request.get("NextToken", 0))
        ends = {"StartingHashKey": "0", "EndingHashKey": "1"}
        numbers = {"StartingSequenceNumber": "1"}
        page: dict[str, Any] = {
            "Shards": [
                {"ShardId": each, "SequenceNumberRange": numbers, "HashKeyRange": ends}
                for each in self._ids[start : start + 2]
            ]
        }
        return page | ({"NextToken": str(start + 2)} if start + 2 < len(self._ids) else {})


def test_every_page_of_the_listing_is_read() -> None:
    assert len(table_shards(PagedStream(7), "arn")) == 7
    assert len(kinesis_shards(PagedStream(7), "arn")) == 7


def test_children_stand_under_their_parents_whatever_the_order_of_the_listing() -> None:
    (root,) = families([shard("c", "b"), shard("a", last="5"), shard("b", "a", last="9")])

    assert [each.shard_id for each in root.all()] == ["a", "b", "c"]


def test_a_shard_of_a_merge_has_one_place_and_names_its_other_parent() -> None:
    first, second = families([shard("a", last="5"), shard("b", last="5"), shard("ab", "a", "b")])

    (child,) = first.children
    assert (child.shard.shard_id, child.other_parents) == ("ab", ("b",))
    assert second.children == ()


def test_a_shard_whose_parent_is_trimmed_is_a_root() -> None:
    (root,) = families([shard("b", "trimmed")])

    assert root.other_parents == ("trimmed",)


def test_splits_and_merges_are_shown_as_a_tree(deployed: Deployed) -> None:
    kinesis, name = deployed.client("kinesis"), deployed.outputs["LedgerStreamName"]
    before = kinesis.list_shards(StreamName=name)["Shards"]
    ends = before[0]["HashKeyRange"]
    middle = (int(ends["StartingHashKey"]) + int(ends["EndingHashKey"])) // 2
    kinesis.split_shard(StreamName=name, ShardToSplit=before[0]["ShardId"], NewStartingHashKey=str(middle))

    said = deployed.streamctl("shards", "ledger")
    found = deployed.streamctl("shards", "ledger", "--json").document["streams"][0]["shards"]
    still_open = deployed.streamctl("shards", "ledger", "--open", "--json").document["streams"][0]["shards"]

    children = [each for each in found if before[0]["ShardId"] in each["parents"]]
    assert said.code == Exit.FINE
    assert f"{len(before) + 2} shards, {len(before) + 1} open" in said.out
    assert len(children) == 2
    assert before[0]["ShardId"] not in {each["shardId"] for each in still_open}
