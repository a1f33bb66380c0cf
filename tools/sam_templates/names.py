"""Names and ARNs that the resources of a template would have, made up from their logical ids."""

from __future__ import annotations

from collections.abc import Mapping

from sam_templates.errors import TemplateError

REGION, ACCOUNT = "eu-west-1", "123456789012"
PSEUDO_PARAMETERS: Mapping[str, str | list[str] | None] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/stack/00000000-0000-0000-0000-000000000000",
    "AWS::NotificationARNs": [],
    "AWS::NoValue": None,
}
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/"
_ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{place}:table/{name}",
    "AWS::DynamoDB::GlobalTable": "dynamodb:{place}:table/{name}",
    "AWS::Serverless::SimpleTable": "dynamodb:{place}:table/{name}",
    "AWS::Kinesis::Stream": "kinesis:{place}:stream/{name}",
    "AWS::SQS::Queue": "sqs:{place}:{name}",
    "AWS::SNS::Topic": "sns:{place}:{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::IAM::Role": "iam::" + ACCOUNT + ":role/{name}",
    "AWS::Serverless::Function": "lambda:{place}:function:{name}",
    "AWS::Lambda::Function": "lambda:{place}:function:{name}",
}
_STREAM_LABEL = "2026-01-01T00:00:00.000"
_CONSUMER_CREATED = "1767225600"
_ARN_ATTRIBUTES = frozenset({"Arn", "TopicArn", "ConsumerARN"})
_NAME_ATTRIBUTES = frozenset({"QueueName", "TopicName", "FunctionName"})


def arn_of(name: str, kind: str, stream_arn: str | None = None) -> str:
    """Return the ARN of a resource of a type; ``stream_arn`` is the stream of a stream consumer."""
    if kind == "AWS::Kinesis::StreamConsumer":
        return f"{stream_arn}/consumer/{name}:{_CONSUMER_CREATED}"
    if kind not in _ARNS:
        raise TemplateError(f"{name} is of type {kind}, whose ARN is not known here")
    return "arn:aws:" + _ARNS[kind].format(place=f"{REGION}:{ACCOUNT}", name=name)


def attribute_of(name: str, attribute: str, arn: str) -> str:
    """Return an attribute of a resource, as `Fn::GetAtt` would."""
    if attribute == "StreamArn":
        return f"{arn}/stream/{_STREAM_LABEL}"
    if attribute in _ARN_ATTRIBUTES:
        return arn
    if attribute in _NAME_ATTRIBUTES:
        return name
    raise TemplateError(f"{name}.{attribute} is not known here")
