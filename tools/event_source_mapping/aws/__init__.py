"""Sources and destinations over boto3 clients that are handed in."""

from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.aws.destinations import AwsDestinations
from event_source_mapping.aws.dynamodb_streams import DynamoDBStreamSource
from event_source_mapping.aws.kinesis import KinesisSource
from event_source_mapping.aws.sqs import SQSSource

__all__ = ["AwsDestinations", "CallThreads", "DynamoDBStreamSource", "KinesisSource", "SQSSource"]
