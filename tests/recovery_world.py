"""A streamed table, a consumer of it that can be made to fail, and recovery of what it failed on."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any, ClassVar
from urllib.request import urlopen
from uuid import uuid4

from builders import ROLE_ARN, failure_message, object_created, queue_message, task
from changestream.wire import lambda_event, parked_object
from conftest import ClientOf
from functions.recover_batches import app
from invocations import Context

Json = dict[str, Any]

PATIENCE_SECONDS = 30

CONSUMER_SECONDS = 60
"""What recovery is told of the longest time-out; with no more left, it delivers nothing."""


def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, looking again and again."""
    ends = monotonic() + PATIENCE_SECONDS
    while not condition():
        assert monotonic() < ends, "it never came to pass"
        sleep(0.05)


CONSUMER = """
import json, os

def handler(event, context):
    records = event["Records"]
    print(json.dumps({"delivered": event}))
    for record in records:
        ddb = record.get("dynamodb")
        what = ddb["NewImage"]["description"]["S"] if ddb else ""
        number = ddb["SequenceNumber"] if ddb else record["kinesis"]["sequenceNumber"]
        if what == "crash":
            raise RuntimeError("cannot bear it")
        if what in ("poison", "unavailable"):
            failure = {"kind": what, "reason": "it says " + what}
            return {"batchItemFailures": [{"itemIdentifier": number}], "failure": failure}
    late = sum(r.get("dynamodb", {}).get("NewImage", {}).get("description") == {"S": "late"} for r in records)
    return {"batchItemFailures": [], "superseded": late}
"""


def zipped(source: str) -> bytes:
    """Return a deployment package."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("consumer.py", source)
    return archive.getvalue()


class Lent:
    """A consumer that one world after another has, for as long as none of them changes it: to start one takes time."""

    def __init__(self) -> None:
        self._name = self._revision = ""

    def take(self, client: Any) -> str:
        """Return the name of a function that is as it was made."""
        if not self._name:
            self._name = f"consumer-{uuid4().hex[:12]}"
            made = client.create_function(
                FunctionName=self._name,
                Runtime="python3.13",
                Role=ROLE_ARN,
                Handler="consumer.handler",
                Code={"ZipFile": zipped(CONSUMER)},
            )
            self._revision = made["RevisionId"]
        return self._name

    def give_back(self, client: Any) -> None:
        """Leave it to the next, unless it has been changed or has versions."""
        versions = client.list_versions_by_function(FunctionName=self._name)["Versions"]
        if [version["RevisionId"] for version in versions] != [self._revision]:
            client.delete_function(FunctionName=self._name)
            self._name = ""


class World:
    """A streamed table, a Kinesis stream, a consumer of both, and recovery of what it failed on."""

    read_before: ClassVar[dict[str, int]] = {}
    """How far the journal of an endpoint was when the last world began: nobody reads it from the beginning again."""

    def __init__(self, client_of: ClientOf, endpoint: str, names: dict[str, str]) -> None:
        self.client_of = client_of
        self.endpoint = endpoint
        self.names = names
        entries = self._journal(self.read_before.get(endpoint, 0))
        self.started_after: int = entries[-1]["number"] if entries else self.read_before.get(endpoint, 0)
        self.read_before[endpoint] = self.started_after

    def write(self, *descriptions: str) -> list[str]:
        """Write one task for each description and return the sequence numbers of the records, in order."""
        for n, description in enumerate(descriptions):
            item = task(f"task-{n:05d}", description={"S": description})
            self.client_of("dynamodb").put_item(TableName=self.names["table"], Item=item)
        return [record["dynamodb"]["SequenceNumber"] for record in self.stream_records()]

    def stream_records(self) -> list[Json]:
        client, arn = self.client_of("dynamodbstreams"), self.names["stream_arn"]
        iterator = client.get_shard_iterator(
            StreamArn=arn, ShardId=self.names["shard_id"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records: list[Json] = client.get_records(ShardIterator=iterator)["Records"]
        return records

    def event_records(self) -> list[Json]:
        """The same as Lambda delivers them."""
        return [lambda_event.table_stream_record(one, self.names["stream_arn"]) for one in self.stream_records()]

    def failed(self, start: str, end: str, **replaced: Any) -> Json:
        """An on-failure message for a range of the table's stream."""
        names = {"stream_arn": self.names["stream_arn"], "shard_id": self.names["shard_id"]}
        now = datetime.now(UTC)
        names |= {"function": self.names["function"], "timestamp": now.isoformat()}
        names |= {"arrived": now.isoformat(timespec="seconds").removesuffix("+00:00")}
        return failure_message(start, end, **(names | replaced))

    def key(self, name: str = "one") -> str:
        """A key that a mapping of the table's shard writes; ``name`` stands for its random end."""
        return f"aws/lambda/6f6e1b9a-7a2b/{self.names['shard_id']}/2026/01/01/2026-01-01T00.01.00-{name}"

    def keep(self, message: Json | str | bytes, name: str = "one") -> str:
        """Write what a mapping with a bucket as destination writes; return the version of the object."""
        body = message if isinstance(message, str | bytes) else json.dumps(message)
        answer = self.client_of("s3").put_object(Bucket=self.names["failed_bucket"], Key=self.key(name), Body=body)
        return str(answer.get("VersionId", ""))

    def announced(self, *names: str, version: str | None = None) -> Json:
        """S3's notification of objects in the bucket of failed batches."""
        return object_created(self.names["failed_bucket"], *map(self.key, names or ("one",)), version=version)

    def failed_with_payload(self, records: list[Json], **replaced: Any) -> Json:
        """An on-failure message with the event that it is about, of the stream that its records name."""
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        of_records = {"batch_size": len(records), "stream_arn": records[0]["eventSourceARN"]}
        message = self.failed(numbers[0], numbers[-1], **(of_records | replaced))
        return message | {"payload": json.dumps({"Records": records})}

    def recover(self, *bodies: Json | str, seconds_left: float = 300) -> list[str]:
        """Invoke the function with messages; return the bodies of those that have to come back."""
        client, url = self.client_of("sqs"), self.names["queue_url"]
        messages: dict[str, Json] = {}
        for body in bodies:
            client.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else json.dumps(body))
        while len(messages) < len(bodies):
            for got in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                message = queue_message(got["Body"], got["MessageId"])
                messages[got["MessageId"]] = message | {"receiptHandle": got["ReceiptHandle"]}
        response = app.lambda_handler({"Records": list(messages.values())}, Context(seconds_left))
        return [messages[failure["itemIdentifier"]]["body"] for failure in response["batchItemFailures"]]

    def deliveries(self) -> list[Json]:
        """The events that the consumer was invoked with."""
        lines = [entry["line"] for entry in self._journal(self.started_after) if entry["kind"] == "function.log"]
        found = [json.loads(line) for line in lines if line.startswith('{"delivered"')]
        return [line["delivered"] for line in found]

    def delivered(self) -> list[list[str]]:
        """The sequence numbers of every delivery."""
        return [
            [
                r["dynamodb"]["SequenceNumber"] if "dynamodb" in r else r["kinesis"]["sequenceNumber"]
                for r in e["Records"]
            ]
            for e in self.deliveries()
        ]

    def parked(self) -> list[tuple[Json, Json | None]]:
        """What is parked: each as (manifest, payload)."""
        return [parked_object.read(json.dumps(document)) for document in self.documents()]

    def documents(self) -> list[Json]:
        """What is parked, as it lies there."""
        client, bucket = self.client_of("s3"), self.names["bucket"]
        keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return [json.load(client.get_object(Bucket=bucket, Key=key)["Body"]) for key in keys]

    def keys(self) -> list[str]:
        listed = self.client_of("s3").list_objects_v2(Bucket=self.names["bucket"])
        return [entry["Key"] for entry in listed.get("Contents", ())]

    def heal(self) -> None:
        """From now on the consumer accepts everything."""
        self.client_of("lambda").update_function_code(
            FunctionName=self.names["function"],
            ZipFile=zipped(CONSUMER.replace("poison", "-").replace("unavailable", "-").replace("crash", "-")),
        )

    def reasons(self) -> list[str]:
        return sorted(manifest["reason"] for manifest, _ in self.parked())

    def queued(self) -> list[Json]:
        """The messages that wait in the queue, delayed ones included."""
        client, url = self.client_of("sqs"), self.names["queue_url"]
        found: list[Json] = []

        def receive() -> bool:
            for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                found.append(json.loads(message["Body"]))
            return bool(found)

        eventually(receive)
        return found

    def _journal(self, after: int) -> list[Json]:
        with urlopen(f"{self.endpoint}/_local/journal?after={after}&limit=100000") as answer:
            entries: list[Json] = json.load(answer)["entries"]
            return entries
