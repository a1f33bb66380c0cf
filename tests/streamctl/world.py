"""The application's own stack on the served endpoint, its mappings at rest, and the command line told of it."""

import importlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from typer.testing import CliRunner

from builders import ROLE_ARN, failure_message, keys_of
from changestream.core.failed_batch import Parked, ParkReason
from changestream.recovery.parking_lot import ParkingLot
from changestream.wire import lambda_event
from changestream.wire.failure_message import failed_batch
from conftest import CREDENTIALS, ROOT
from invocations import Context
from local_aws.stack.template import read_template
from sam_templates.document import Document
from streamctl.exits import Exit
from streamctl.group import app
from streamctl.images import key_text
from streamctl.reading.seen import seen
from streamctl.reading.streams import StreamName

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it wrote with ``--json``."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What it wrote with ``--json``, if it is one document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Deployed:
    """The stack, clients of its endpoint, and the command line."""

    def __init__(self, endpoint: str, name: str) -> None:
        self.endpoint = endpoint
        self.name = name
        self._known: dict[tuple[str, str, str], Json] = {}
        self._clients: dict[str, Any] = {}
        described = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}

    def client(self, service: str) -> Any:
        """Return a boto3 client of the endpoint."""
        if service not in self._clients:
            self._clients[service] = client_at(self.endpoint, service)
        return self._clients[service]

    def write(self, *items: Json) -> None:
        """Put items into the table."""
        for item in items:
            self.client("dynamodb").put_item(TableName=self.outputs["TasksTableName"], Item=item)

    def delete(self, item: Json) -> None:
        """Delete the task of an item."""
        self.client("dynamodb").delete_item(TableName=self.outputs["TasksTableName"], Key=keys_of(item))

    def changes(self, list_id: str, stream: str = "table") -> list[Json]:
        """Return the changes of a list in a stream, as ``streamctl tail --json`` has them."""
        found = [
            each
            for shard_id, record in self._records(stream)
            for each in seen(StreamName(stream), shard_id, [record], self.outputs["TasksTableName"])
        ]
        return [each.document() for each in found if each.change and f"{list_id}/" in key_text(each.change.keys)]

    def deliver(self, function: str, *changes: Json) -> None:
        """Deliver records, told by such changes, to a function's own handler, with the environment that it has here."""
        app: Any = importlib.import_module(f"functions.{function}.app")
        logical = "".join(part.title() for part in function.split("_"))
        name = self.outputs[f"{logical}FunctionName"]
        variables = self.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        with pytest.MonkeyPatch.context() as patch:
            for key, value in variables.items():
                if value or key != "AWS_ENDPOINT_URL":
                    patch.setenv(key, value)
            for cached in (each for each in vars(app).values() if hasattr(each, "cache_clear")):
                cached.cache_clear()
            answer = app.lambda_handler({"Records": [self._record(each) for each in changes]}, Context())
        assert answer["batchItemFailures"] == []

    def failed(self, function: str, change: Json) -> Json:
        """Return the on-failure message of a mapping that gave a change up."""
        of_table = change["stream"] == "table"
        return failure_message(
            change["sequenceNumber"],
            change["sequenceNumber"],
            function=self.outputs[f"{function}FunctionName"],
            info="DDBStreamBatchInfo" if of_table else "KinesisBatchInfo",
            stream_arn=self.arn_of(change["stream"]),
            shard_id=change["shardId"],
        )

    def send(self, body: Json | str, queue: str = "FailedBatchesQueueUrl") -> None:
        """Send a message to a queue of the stack."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.client("sqs").send_message(QueueUrl=self.outputs[queue], MessageBody=text)

    def drain(self, queue: str = "FailedBatchesQueueUrl") -> None:
        """Take all messages out of a queue that has none in flight."""
        client, url = self.client("sqs"), self.outputs[queue]
        while got := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in got:
                client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])

    def park(self, function: str, change: Json, reason: ParkReason = ParkReason.POISON) -> str:
        """Park a change for a function; return the key."""
        batch = failed_batch(json.dumps(self.failed(function, change)))
        lot = ParkingLot(self.client("s3"), self.outputs["ParkedRecordsBucketName"])
        return lot.park(batch, Parked(reason, "it cannot be borne", 1, batch.start, batch.end, [self._record(change)]))

    def _records(self, stream: str) -> Iterator[tuple[str, Json]]:
        """Give every record of a stream that has never been split, as Lambda delivers it."""
        of_table = stream == "table"
        client, arn = self.client("dynamodbstreams" if of_table else "kinesis"), self.arn_of(stream)
        name = {"StreamArn": arn} if of_table else {"StreamARN": arn}
        shards = client.describe_stream(**name)["StreamDescription"]["Shards"]
        for shard_id in (shard["ShardId"] for shard in shards):
            found = client.get_shard_iterator(ShardId=shard_id, ShardIteratorType="TRIM_HORIZON", **name)
            for each in client.get_records(ShardIterator=found["ShardIterator"])["Records"]:
                if of_table:
                    yield shard_id, lambda_event.table_stream_record(each, arn)
                else:
                    yield shard_id, lambda_event.kinesis_record(each, arn, shard_id, ROLE_ARN)

    def arn_of(self, stream: str) -> str:
        """Return the ARN of a stream by the name that the command line has for it."""
        output = {"table": "TasksTableStreamArn", "changes": "ChangeStreamArn", "ledger": "LedgerStreamArn"}[stream]
        return str(self.outputs[output])

    def _record(self, change: Json) -> Json:
        """Return the event record of a change that was told by its shard and number."""
        asked = change["stream"], change["shardId"], change["sequenceNumber"]
        if asked not in self._known:
            for shard_id, record in self._records(change["stream"]):
                self._known[change["stream"], shard_id, lambda_event.sequence_number(record)] = record
        return self._known[asked]

    def streamctl(self, *arguments: str) -> Said:
        """Run a command about this stack."""
        return streamctl(*arguments, "--endpoint", self.endpoint, "--stack", self.name)


def streamctl(*arguments: str, **environment: str) -> Said:
    """Run a command in this process."""
    result = CliRunner().invoke(app, list(arguments), prog_name="streamctl", env={"COLUMNS": "160"} | environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code != Exit.BUG, result.stderr
    return Said(result.exit_code, result.stdout, result.stderr)


def deploy(endpoint: str) -> Deployed:
    """Deploy the stack; nothing is delivered to its functions but what a test delivers itself."""
    return Deployed(endpoint, deploy_template(endpoint, "template.yaml", SearchEndpoint=f"{endpoint}/_opensearch"))


def deploy_template(endpoint: str, path: str, **parameters: str) -> str:
    """Deploy a template of the project with its mappings at rest; return the stack's name."""
    template = packaged(endpoint, read_template(ROOT / path))
    for resource in template["Resources"].values():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if "Enabled" in event.get("Properties", {}):
                event["Properties"]["Enabled"] = False
    name = f"tested-{uuid4().hex[:6]}"
    client_at(endpoint, "cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    return name


def packaged(endpoint: str, template: Document) -> Document:
    """Put code into a bucket, as `sam package` does: the endpoint takes no folder of this machine over HTTP."""
    client, bucket = client_at(endpoint, "s3"), f"code-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["AWS_REGION"]})
    for name, resource in template["Resources"].items():
        for member, prefix in (("CodeUri", ""), ("ContentUri", "python/")):
            if member in resource.get("Properties", {}):
                code = archive(Path(resource["Properties"][member]["Key"]), prefix)
                client.put_object(Bucket=bucket, Key=name, Body=code)
                resource["Properties"][member] = {"Bucket": bucket, "Key": name}
    return template


def archive(folder: Path, prefix: str) -> bytes:
    """Return the files of a folder as a deployment package."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                package.write(path, f"{prefix}{path.relative_to(folder)}")
    return written.getvalue()


def client_at(endpoint: str, service: str) -> Any:
    """Return a boto3 client of the endpoint."""
    create: Any = boto3.client
    return create(
        service,
        endpoint_url=endpoint,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(read_timeout=300),  # a stack is made within one call, however busy the machine is
    )
