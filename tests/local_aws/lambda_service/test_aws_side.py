"""What the Lambda service itself asks of the endpoint's other services."""

import json
import uuid
from typing import Any

import pytest

from local_aws.lambda_service import LambdaError
from local_aws.lambda_service.artifacts import ArtifactStore
from local_aws.lambda_service.aws_side import AwsSide
from local_aws.lambda_service.names import Account


@pytest.fixture(scope="module")
def aws_side(endpoint: str) -> AwsSide:
    return AwsSide(Account("123456789012", "eu-west-1"), endpoint)


def test_code_is_taken_from_a_bucket(aws_side: AwsSide, archive: Any, tmp_path: Any) -> None:
    bucket = f"artifacts-{uuid.uuid4().hex[:8]}"
    aws_side.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws_side.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=archive("WORD = 'stored'"))

    artifact = ArtifactStore(tmp_path, aws_side.read_object).store({"S3Bucket": bucket, "S3Key": "code.zip"})

    assert (artifact.folder / "app.py").read_text() == "WORD = 'stored'"


def test_code_that_is_in_no_bucket_is_refused_as_create_function_does(aws_side: AwsSide, tmp_path: Any) -> None:
    store = ArtifactStore(tmp_path, aws_side.read_object)

    with pytest.raises(LambdaError, match=r"Error occurred while GetObject. S3 Error Code: NoSuchBucket.") as refused:
        store.store({"S3Bucket": f"none-{uuid.uuid4().hex}", "S3Key": "code.zip"})

    assert refused.value.code == "InvalidParameterValueException"


def test_a_failed_event_reaches_the_queue_that_is_its_destination(aws_side: AwsSide) -> None:
    sqs = aws_side.client("sqs")
    name = f"events-{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]

    aws_side.send_document(f"arn:aws:sqs:eu-west-1:123456789012:{name}", {"version": "1.0"})

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"version": "1.0"}
