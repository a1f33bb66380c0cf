"""Functions of every runtime in the stack of a template file."""

from __future__ import annotations

import json
import textwrap

import pytest

from local_aws.runtime import Runtime
from served_aws import Aws, eventually

TEMPLATE = """
    Transform: AWS::Serverless-2016-10-31
    Globals: { Function: { Timeout: 10 } }
    Resources:
      Changes: { Type: AWS::Kinesis::Stream, Properties: { ShardCount: 1 } }
      Seen: { Type: AWS::SQS::Queue }
      Consumer:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: nodejs22.x
          Handler: consume.handler
          CodeUri: consumer/
          Environment: { Variables: { QUEUE: !Ref Seen } }
          Events:
            Changes:
              Type: Kinesis
              Properties: { Stream: !GetAtt Changes.Arn, StartingPosition: TRIM_HORIZON, BatchSize: 10 }
      Inline:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: nodejs22.x
          Handler: index.handler
          InlineCode: exports.handler = async (event) => event.length;
      Unsupported:
        Type: AWS::Serverless::Function
        Properties: { Runtime: java21, Handler: "example.Handler::handleRequest", CodeUri: consumer/ }
      Image:
        Type: AWS::Serverless::Function
        Properties: { PackageType: Image }
        Metadata: { Dockerfile: Dockerfile, DockerContext: consumer/, DockerTag: v1 }
    Outputs:
      Changes: { Value: !Ref Changes }
      Seen: { Value: !Ref Seen }
      Inline: { Value: !Ref Inline }
      Unsupported: { Value: !Ref Unsupported }
      Image: { Value: !Ref Image }
"""
# The AWS SDK is not on this machine: a query of SQS's older protocol is a plain form.
CONSUMER = """
    export const handler = async (event) => {
      for (const record of event.Records) {
        const body = Buffer.from(record.kinesis.data, "base64").toString();
        const form = new URLSearchParams({ Action: "SendMessage", QueueUrl: process.env.QUEUE, MessageBody: body });
        const credential = `${process.env.AWS_ACCESS_KEY_ID}/20260101/${process.env.AWS_REGION}/sqs/aws4_request`;
        const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=x` };
        const sent = await fetch(process.env.AWS_ENDPOINT_URL, { method: "POST", body: form, headers });
        if (!sent.ok) throw new Error(await sent.text());
      }
    };
"""


@pytest.fixture(scope="module")
def outputs(node: None, runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "consumer").mkdir()
    (folder / "consumer" / "consume.mjs").write_text(textwrap.dedent(CONSUMER))
    (folder / "template.yaml").write_text(textwrap.dedent(TEMPLATE))
    return runtime.create_stack(folder / "template.yaml", "runtimes", {})


def test_a_stream_reaches_a_node_function_that_calls_the_endpoint(local: Aws, outputs: dict[str, str]) -> None:
    seen: list[str] = []

    for word in ("a", "b"):
        local.client("kinesis").put_record(StreamName=outputs["Changes"], Data=word.encode(), PartitionKey="one")

    def received() -> bool:
        answer = local.client("sqs").receive_message(QueueUrl=outputs["Seen"], MaxNumberOfMessages=10)
        seen.extend(message["Body"] for message in answer.get("Messages", ()))
        return sorted(seen) == ["a", "b"]

    eventually(received)


def test_inline_code_of_node_runs(local: Aws, outputs: dict[str, str]) -> None:
    answer = local.client("lambda").invoke(FunctionName=outputs["Inline"], Payload=b'"four"')

    assert json.load(answer["Payload"]) == 4


@pytest.mark.parametrize("name", ["Unsupported", "Image"])
def test_a_function_that_cannot_run_here_does_not_refuse_the_stack(
    local: Aws, outputs: dict[str, str], name: str
) -> None:
    stack = local.client("cloudformation").describe_stacks(StackName="runtimes")["Stacks"][0]

    answer = local.client("lambda").invoke(FunctionName=outputs[name])

    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert json.load(answer["Payload"])["errorType"] == "InvalidRuntimeException"


def test_functions_that_cannot_run_here_are_named(runtime: Runtime, outputs: dict[str, str]) -> None:
    notices = runtime.functions.notices()

    assert [names for notice, names in notices.items() if notice.startswith("Runtime java21")] == [
        [outputs["Unsupported"]]
    ]
    assert [names for notice, names in notices.items() if notice.startswith("A container image")] == [
        [outputs["Image"]]
    ]
