"""Somebody else's table, stream and function, and a stack of recovery/template.yaml alone that looks after them."""

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

from builders import failure_message
from changestream.core.failed_batch import Parked, ParkReason
from changestream.recovery.parking_lot import ParkingLot
from changestream.wire import lambda_event
from changestream.wire.failure_message import failed_batch

from .world import Said, client_at, deploy_template, streamctl

Json = dict[str, Any]

HANDLER = """
def handler(event, context):
    for record in event["Records"]:
        if "bad" in record["dynamodb"]["NewImage"]:
            raise ValueError("an order that nobody can ship")
"""


class ForeignStack:
    """A table with a stream, a Kinesis stream, and functions that read them; recovery may invoke one of the two."""

    def __init__(self, endpoint: str, *, own_queue: bool = True) -> None:
        self.endpoint = endpoint
        self.mark = uuid4().hex[:6]
        self.table, self.stream = f"orders-{self.mark}", f"payments-{self.mark}"
        self.table_stream_arn, self.stream_arn = self._table(), self._kinesis_stream()
        self.function, self.stranger = f"ship-{self.mark}", f"other-{self.mark}"
        arn = self._function(self.function)
        self.mapping = self._map(self.function, self.table_stream_arn)
        self._map(self.function, self.stream_arn)
        self._function(self.stranger)
        self._map(self.stranger, self.table_stream_arn)
        self.name = deploy_template(
            endpoint,
            "recovery/template.yaml",
            FunctionArns=arn.replace("ship", "sh*"),
            StreamArns=f"{self.table_stream_arn},{self.stream_arn}",
            FailedBatchesQueueArn="" if own_queue else self._queue(),
        )
        described = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}

    def client(self, service: str) -> Any:
        return client_at(self.endpoint, service)

    def streamctl(self, *arguments: str) -> Said:
        """Run a command about the stack of recovery."""
        return streamctl(*arguments, "--endpoint", self.endpoint, "--stack", self.name)

    def order(self, number: str, **attributes: Json) -> Json:
        """Write an order; return its record as Lambda delivers it."""
        item = {"customer": {"S": "ada"}, "number": {"S": number}} | attributes
        self.client("dynamodb").put_item(TableName=self.table, Item=item)
        client = self.client("dynamodbstreams")
        (shard,) = client.describe_stream(StreamArn=self.table_stream_arn)["StreamDescription"]["Shards"]
        iterator = client.get_shard_iterator(
            StreamArn=self.table_stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        record = client.get_records(ShardIterator=iterator)["Records"][-1]
        return {**lambda_event.table_stream_record(record, self.table_stream_arn), "shardId": shard["ShardId"]}

    def payment(self, partition_key: str, data: bytes) -> Json:
        """Put a record on the Kinesis stream; return where it is."""
        return dict(self.client("kinesis").put_record(StreamARN=self.stream_arn, PartitionKey=partition_key, Data=data))

    def failed_order(self, record: Json) -> Json:
        """Return the message of a mapping that gave an order up."""
        number = record["dynamodb"]["SequenceNumber"]
        return failure_message(
            number, number, function=self.function, stream_arn=self.table_stream_arn, shard_id=record["shardId"]
        )

    def failed_payment(self, put: Json) -> Json:
        """Return the message of a mapping that gave a payment up."""
        number, shard = put["SequenceNumber"], put["ShardId"]
        of = {"info": "KinesisBatchInfo", "stream_arn": self.stream_arn, "shard_id": shard}
        return failure_message(number, number, function=self.function, **of)

    def send(self, body: Json, queue: str = "FailedBatchesQueueUrl") -> None:
        self.client("sqs").send_message(QueueUrl=self.outputs[queue], MessageBody=json.dumps(body))

    def drain(self, queue: str) -> None:
        """Take all messages out of a queue that has none in flight."""
        client, url = self.client("sqs"), self.outputs[queue]
        while got := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in got:
                client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])

    def park(self, message: Json, record: Json) -> str:
        """Park a record; return the key."""
        batch = failed_batch(json.dumps(message))
        lot = ParkingLot(self.client("s3"), self.outputs["ParkedRecordsBucketName"])
        return lot.park(batch, Parked(ParkReason.POISON, "it cannot be shipped", 1, batch.start, batch.end, [record]))

    def _table(self) -> str:
        made = self.client("dynamodb").create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("customer", "number")],
            KeySchema=[
                {"AttributeName": "customer", "KeyType": "HASH"},
                {"AttributeName": "number", "KeyType": "RANGE"},
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        return str(made["TableDescription"]["LatestStreamArn"])

    def _kinesis_stream(self) -> str:
        client = self.client("kinesis")
        client.create_stream(StreamName=self.stream, ShardCount=1)
        client.get_waiter("stream_exists").wait(StreamName=self.stream)
        return str(client.describe_stream_summary(StreamName=self.stream)["StreamDescriptionSummary"]["StreamARN"])

    def _function(self, name: str) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("index.py", HANDLER)
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::123456789012:role/ships",
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
        )
        return str(made["FunctionArn"])

    def _map(self, function: str, stream_arn: str) -> str:
        made = self.client("lambda").create_event_source_mapping(
            FunctionName=function, EventSourceArn=stream_arn, StartingPosition="LATEST", Enabled=False
        )
        return str(made["UUID"])

    def _queue(self) -> str:
        """Make a queue of somebody else's, without a dead-letter queue; return its ARN."""
        client = self.client("sqs")
        url = client.create_queue(QueueName=f"failed-{self.mark}", Attributes={"VisibilityTimeout": "5400"})["QueueUrl"]
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])
