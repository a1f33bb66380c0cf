"""Requests that would make a service hold or inflate more than AWS lets them."""

from __future__ import annotations

import gzip
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from served_aws import REGION, Aws

from .raw_http import Reply, ask, called, request


def test_one_request_does_not_start_a_billion_instances(aws: Aws) -> None:
    with pytest.raises(ClientError, match="MaxCount is from 0 to 100"):
        aws.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=10**9)


@pytest.mark.parametrize(
    ("service", "target", "call"),
    [
        ("memorydb", "AmazonMemoryDB.CreateCluster", {"ClusterName": "a", "NodeType": "b", "NumShards": 3_000_000}),
        ("memorydb", "AmazonMemoryDB.CreateCluster", {"ClusterName": "a", "NumReplicasPerShard": "3000000"}),
        ("memorydb", "Kinesis.CreateCluster", {"ClusterName": "a", "NodeType": "b", "NumShards": 3e6}),
        ("directconnect", "OvertureService.CreateLag", {"lagName": "a", "numberOfConnections": 10**9}),
        ("batch", "", {"nodeProperties": [{"numNodes": 10**9}]}),
    ],
)
def test_no_service_makes_millions_of_resources_for_a_json_request(
    aws: Aws, service: str, target: str, call: dict[str, Any]
) -> None:
    status, _ = called(aws.endpoint.url, service, target, call)

    assert status == 400


@pytest.mark.parametrize(
    ("service", "form"),
    [
        ("elasticache", "Action=CreateReplicationGroup&NumNodeGroups=3000000"),
        ("elasticache", "Action=CreateReplicationGroup&ReplicasPerNodeGroup=3000000"),
        ("ec2", "Action=AllocateHosts&Quantity=3000000"),
        ("ec2", "Action=RequestSpotFleet&SpotFleetRequestConfig.TargetCapacity=3000000"),
        ("rds", "Action=A&Groups.member.1.NodeCount.1=3000000"),
    ],
)
def test_no_service_makes_millions_of_resources_for_a_form(aws: Aws, service: str, form: str) -> None:
    scope = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/{service}/aws4_request, Signature=0"
    headers, url = (scope, "Content-Type: application/x-www-form-urlencoded"), aws.endpoint.url
    reply = ask(url, request(url, "/", *headers, method="POST", body=form.encode()))

    assert (reply.status, "is from 0 to 1000 here" in reply.text) == (400, True)


@pytest.mark.parametrize("compression", ["GZIP", "BZIP2"])
def test_a_query_decompresses_no_object(aws: Aws, compression: str) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=(bucket := uuid4().hex), CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="key", Body=gzip.compress(b'{"a": 1}'))

    with pytest.raises(ClientError) as refused:
        s3.select_object_content(
            Bucket=bucket,
            Key="key",
            Expression="SELECT * FROM s3object",
            ExpressionType="SQL",
            InputSerialization={"JSON": {"Type": "LINES"}, "CompressionType": compression},
            OutputSerialization={"JSON": {}},
        )

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_import_decompresses_no_object(aws: Aws) -> None:
    table = {
        "TableName": f"table-{uuid4().hex[:8]}",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    with pytest.raises(ClientError, match="not compressed") as refused:
        aws.client("dynamodb").import_table(
            S3BucketSource={"S3Bucket": "bucket"},
            InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            TableCreationParameters=table,
        )

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def gzipped(aws: Aws, service: str, body: bytes, *headers: str, target: str = "/", method: str = "POST") -> Reply:
    scope = f"Authorization: AWS4-HMAC-SHA256 Credential=k/20260101/{REGION}/{service}/aws4_request, Signature=0"
    url, headers = aws.endpoint.url, (scope, "Content-Encoding: gzip", *headers)
    return ask(url, request(url, target, *headers, method=method, body=body))


@pytest.mark.parametrize("service", ["sns", "sqs", "monitoring", "dynamodb", "ec2", "memorydb"])
def test_a_body_is_decompressed_up_to_the_bound_of_its_service(aws: Aws, service: str) -> None:
    bomb = gzip.compress(bytes(17 * 1024 * 1024))

    assert gzipped(aws, service, bomb).status == 413
    assert gzipped(aws, service, bomb[:-9]).status in (400, 413)
    assert gzipped(aws, service, b"no gzip").status == 400


def test_a_compressed_request_is_checked_as_any_other(aws: Aws) -> None:
    form = b"Action=RunInstances&ImageId=ami-12c6146b&MinCount=1&MaxCount=1000000000&Version=2016-11-15"
    reply = gzipped(aws, "ec2", gzip.compress(form), "Content-Type: application/x-www-form-urlencoded")

    assert reply.status == 400
    assert "MaxCount" in reply.text


def test_a_compressed_request_that_moto_takes_for_another_service_is_refused(aws: Aws) -> None:
    reply = gzipped(aws, "s3", gzip.compress(bytes(1000)), target="/v20180820/accesspoint/a", method="PUT")

    assert reply.status == 415


def test_an_sdk_may_compress_metrics(aws: Aws) -> None:
    values = [{"MetricName": f"compressed-{number}", "Value": 1} for number in range(300)]

    aws.client("cloudwatch").put_metric_data(Namespace="compressed", MetricData=values)

    assert aws.client("cloudwatch").list_metrics(Namespace="compressed")["Metrics"]


def test_an_object_stays_compressed(aws: Aws) -> None:
    s3, content = aws.client("s3"), gzip.compress(b"content")
    s3.create_bucket(Bucket="compressed", CreateBucketConfiguration={"LocationConstraint": REGION})

    s3.put_object(Bucket="compressed", Key="key", Body=content, ContentEncoding="gzip")

    found = s3.get_object(Bucket="compressed", Key="key")
    assert (found["Body"].read(), found["ContentEncoding"]) == (content, "gzip")
