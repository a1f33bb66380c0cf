"""What the Lambda service itself asks of AWS: code in S3, the sources of mappings, where failures go."""

import json
import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from event_source_mapping.aws import AwsDestinations, CallThreads, DynamoDBStreamSource, KinesisSource, SQSSource
from event_source_mapping.aws.sqs import queue_url
from event_source_mapping.ports import StreamSource
from event_source_mapping.settings import MappingSettings, SourceKind
from local_aws.lambda_service.errors import invalid_value
from local_aws.lambda_service.hosted_mapping import Connection
from local_aws.lambda_service.names import Account
from local_aws.lambda_service.shard_reads import ShardReads

# The engine decides about retries; SQS may hold a call for 20 s.
_CONFIG = Config(retries={"total_max_attempts": 1, "mode": "standard"}, max_pool_connections=64, read_timeout=60)

_CLIENTS = {SourceKind.DYNAMODB: "dynamodbstreams", SourceKind.KINESIS: "kinesis", SourceKind.SQS: "sqs"}


class AwsSide:
    """boto3 clients pointed at the endpoint, made when first needed. Any thread may use it."""

    def __init__(self, account: Account, endpoint_url: str) -> None:
        self._account = account
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        # The stubs type `client` by the literal name of a service.
        self._new_client: Any = boto3.session.Session().client

    def client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(
                    service,
                    region_name=self._account.region,
                    endpoint_url=self._endpoint_url,
                    aws_access_key_id=self._account.account_id,
                    aws_secret_access_key="local",  # noqa: S106 - no secret: the endpoint takes any
                    config=_CONFIG,
                )
            return self._clients[service]

    def read_object(self, bucket: str, key: str, version: str | None) -> bytes:
        """A function's or layer's archive; raises InvalidParameterValueException as CreateFunction does."""
        versioned = {"VersionId": version} if version else {}
        try:
            body: bytes = self.client("s3").get_object(Bucket=bucket, Key=key, **versioned)["Body"].read()
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            raise invalid_value(
                f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
            ) from error
        return body

    def send_document(self, arn: str, document: dict[str, Any]) -> None:
        """Deliver the record of a failed event to its destination: a queue or a topic."""
        text = json.dumps(document)
        if ":sqs:" in arn:
            sqs = self.client("sqs")
            sqs.send_message(QueueUrl=queue_url(sqs, arn), MessageBody=text)
        else:
            self.client("sns").publish(TopicArn=arn, Message=text)

    def check_source(self, arn: str, timeout: float) -> None:
        """Refuse a source that is not there, and a queue whose messages would come again during an invocation."""
        kind = SourceKind.of(arn)
        try:
            if "/consumer/" in arn:
                self.client("kinesis").describe_stream_consumer(ConsumerARN=arn)
            elif kind is SourceKind.KINESIS:
                self.client("kinesis").describe_stream_summary(StreamARN=arn)
            elif kind is SourceKind.DYNAMODB:
                self.client("dynamodbstreams").describe_stream(StreamArn=arn, Limit=1)
            else:
                self._check_queue(arn, timeout)
        except ClientError as error:
            if kind is not SourceKind.SQS:
                raise invalid_value(f"Stream not found: {arn}") from error
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            raise invalid_value(
                f"Error occurred while ReceiveMessage. SQS Error Code: {code}. SQS Error Message: {message}"
            ) from error

    def connect(self, settings: MappingSettings, role_arn: str) -> Connection:
        """What one mapping reads from and gives up to, on threads of its own."""
        calls = CallThreads()
        arn, client = settings.event_source_arn, self.client(_CLIENTS[settings.kind])
        destinations = AwsDestinations(self.client, calls)
        if settings.kind is SourceKind.SQS:
            return Connection(SQSSource(client, arn, calls), destinations, calls.close)
        reads = ShardReads(client, self._endpoint_url)
        source: StreamSource
        if settings.kind is SourceKind.DYNAMODB:
            source = DynamoDBStreamSource(reads, arn, calls)
        else:
            source = KinesisSource(reads, arn, role_arn, calls)

        def close() -> None:
            calls.close()
            reads.close()

        return Connection(source, destinations, close)

    def close(self) -> None:
        """Let go of the connections to the endpoint."""
        with self._lock:
            for client in self._clients.values():
                client.close()

    def _check_queue(self, arn: str, timeout: float) -> None:
        sqs = self.client("sqs")
        url = queue_url(sqs, arn)
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        visibility = int(answer["Attributes"]["VisibilityTimeout"])
        if visibility < timeout:
            raise invalid_value(
                f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout:g} seconds"
            )
