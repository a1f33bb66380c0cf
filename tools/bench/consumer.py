"""A stream, a function and a mapping between them, for as long as something is measured."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.servers import ACCOUNT_ID, Server, archive

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/consumer"
PATIENCE_SECONDS = 300.0
# It does nothing, but note when a record came whose key begins with "note": its partition key, or that of the item
# whose change it is, from a table's stream or captured.
SOURCE = """
import base64, json, os, time

def key_of(record):
    if "dynamodb" in record:
        return record["dynamodb"]["Keys"]["id"]["S"]
    data = base64.b64decode(record["kinesis"].get("data", ""))
    if b'"dynamodb"' in data:
        return key_of(json.loads(data))
    return record["kinesis"]["partitionKey"]

def lambda_handler(event, context):
    for record in (event["Records"][0], event["Records"][-1]):
        key = key_of(record)
        if key.startswith("note"):
            path = os.path.join(os.environ["NOTES"], key)
            with open(path + ".part", "w") as note:
                note.write(repr(time.time()))
            os.rename(path + ".part", path)
"""


class ServedConsumer:
    """One on a server; it has a worker that is warm, and no mapping yet."""

    def __init__(self, server: Server, name: str, notes: Path) -> None:
        self.name = name
        self._notes = notes
        self._functions = server.client("lambda")
        self._streams = server.client("kinesis")
        summary = self._streams.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        self.stream_arn = summary["StreamARN"]

    def put(self, keys: list[str]) -> None:
        """One record for each key, in order."""
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            records = [{"PartitionKey": key, "Data": b'{"task": "t", "status": "open"}'} for key in some]
            self._streams.put_records(StreamName=self.name, Records=records)

    @contextmanager
    def mapped(self, batch_size: int = 100, source_arn: str | None = None) -> Iterator[None]:
        """From the oldest record on, of the stream or of another source, until the block ends."""
        uuid = self._functions.create_event_source_mapping(
            FunctionName=self.name,
            EventSourceArn=source_arn or self.stream_arn,
            StartingPosition="TRIM_HORIZON",
            BatchSize=batch_size,
        )["UUID"]
        yield
        self._functions.delete_event_source_mapping(UUID=uuid)

    def noted(self, key: str) -> float:
        """When the record came, in seconds since the epoch; waits for it."""
        note, ends = self._notes / key, time.monotonic() + PATIENCE_SECONDS
        while not note.exists():
            if time.monotonic() > ends:
                raise TimeoutError(f"the record {key} did not come within {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.01)
        return float(note.read_text())


@contextmanager
def consumer(server: Server) -> Iterator[ServedConsumer]:
    """Make a stream of one shard and a function, invoke it once, and remove both in the end."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    functions, streams = server.client("lambda"), server.client("kinesis")
    with TemporaryDirectory() as folder:
        streams.create_stream(StreamName=name, ShardCount=1)
        streams.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=ROLE,
            Handler="app.lambda_handler",
            Code={"ZipFile": archive(SOURCE)},
            Timeout=60,
            Environment={"Variables": {"NOTES": folder}},
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        functions.invoke(FunctionName=name, Payload=b'{"Records": [{"kinesis": {"partitionKey": ""}}]}')
        yield ServedConsumer(server, name, Path(folder))
        functions.delete_function(FunctionName=name)
        streams.delete_stream(StreamName=name)
