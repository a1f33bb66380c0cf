"""Tasks in the table of the deployed stack, and views of them."""

from random import Random
from typing import Any
from uuid import uuid4

from builders import task
from changestream.wire.lambda_event import kinesis_record

from .world import Deployed

Json = dict[str, Any]


class Tasks:
    """The tasks of one list, written at random."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.client, self.table = deployed.client("dynamodb"), deployed.outputs["TasksTableName"]
        self.list_id = f"list-{uuid4().hex[:8]}"
        self._draw = Random(5)

    def write(self, times: int) -> None:
        for n in range(times):
            item = task(f"task-{self._draw.randrange(40):02}", self.list_id, self._draw.choice(["open", "done"]))
            if self._draw.random() < 0.3:
                key = {name: item[name] for name in ("listId", "taskId")}
                self.client.delete_item(TableName=self.table, Key=key)
            else:
                self.client.put_item(TableName=self.table, Item=item | {"note": {"N": str(n)}, "raw": {"B": b"\x00"}})

    def put(self, *items: Json) -> None:
        for item in items:
            self.client.put_item(TableName=self.table, Item=item)

    def rows(self, table: str) -> list[Json]:
        """The rows of the list in any table, without when tombstones end."""
        answer = self.client.query(
            TableName=table,
            KeyConditionExpression="listId = :list",
            ExpressionAttributeValues={":list": {"S": self.list_id}},
            ConsistentRead=True,
        )
        return [{name: row[name] for name in sorted(row) if name != "tombstoneExpiresAt"} for row in answer["Items"]]

    def visible(self, table: str) -> list[Json]:
        """What somebody sees of a view: no tombstones, and not by which change a row was written."""
        kept = [row for row in self.rows(table) if row.keys() > {"listId", "taskId", "watermark"}]
        return [{name: row[name] for name in row if name != "watermark"} for row in kept]

    def captured(self) -> list[Json]:
        """All of ChangeStream, as Lambda delivers it."""
        kinesis, arn = self.deployed.client("kinesis"), self.deployed.outputs["ChangeStreamArn"]
        found: list[Json] = []
        for shard in kinesis.list_shards(StreamARN=arn)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamARN=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            records = kinesis.get_records(ShardIterator=iterator)["Records"]
            found += [kinesis_record(record, arn, shard["ShardId"], "arn:aws:iam::1:role/r") for record in records]
        return found

    def counted(self) -> Json:
        items = self.rows(self.table)
        statuses = [item["status"]["S"] for item in items]
        counts = {status: statuses.count(status) for status in ("open", "done")} | {"total": len(items)}
        return {name: {"N": str(count)} for name, count in counts.items()}

    def totals(self, table: str) -> Json:
        """What count_tasks has in the row of the list's totals."""
        (row,) = [row for row in self.rows(table) if row["taskId"] == {"S": "#totals"}] or [{}]
        return {name: row.get(name, {"N": "0"}) for name in ("open", "done", "total")}

    def clear(self) -> None:
        """Remove whatever other tests have left in the table."""
        for item in self.client.scan(TableName=self.table)["Items"]:
            self.client.delete_item(TableName=self.table, Key={name: item[name] for name in ("listId", "taskId")})
