"""HTTP APIs of a template and of a client, asked over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from local_aws.runtime import Runtime
from served_aws import REGION, AdjustableClock, Aws

SIGNED = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential=someone/20260115/{REGION}/execute-api/aws4_request, Signature=0"
}
TEMPLATE: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Api": {"Type": "AWS::Serverless::HttpApi", "Properties": {"Auth": {"EnableIamAuthorizer": True}}},
        "Staged": {"Type": "AWS::Serverless::HttpApi", "Properties": {"StageName": "live"}},
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "InlineCode": "def handler(event, context):\n    return event\n",
                "Events": {
                    "Open": {
                        "Type": "HttpApi",
                        "Properties": {"ApiId": {"Ref": "Api"}, "Path": "/open/{name}", "Method": "POST"},
                    },
                    "Closed": {
                        "Type": "HttpApi",
                        "Properties": {
                            "ApiId": {"Ref": "Api"},
                            "Path": "/closed",
                            "Method": "GET",
                            "Auth": {"Authorizer": "AWS_IAM"},
                        },
                    },
                    "Staged": {
                        "Type": "HttpApi",
                        "Properties": {"ApiId": {"Ref": "Staged"}, "Path": "/", "Method": "ANY"},
                    },
                },
            },
        },
    },
    "Outputs": {
        "Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}},
        "StagedUrl": {"Value": {"Fn::GetAtt": ["Staged", "ApiEndpoint"]}},
        "FunctionName": {"Value": {"Ref": "Function"}},
    },
}


@pytest.fixture(scope="module")
def outputs(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    template = tmp_path_factory.mktemp("stack") / "template.json"
    template.write_text(json.dumps(TEMPLATE))
    return runtime.create_stack(template, "apis", {})


def test_a_request_becomes_the_event_of_the_payload_format(outputs: dict[str, str]) -> None:
    answer = requests.post(
        f"{outputs['Url']}/open/a%20b?x=1&x=2&y=%2F",
        data="text",
        headers={"Content-Type": "text/plain", "X-One": "1", "Cookie": "a=1; b=2"},
        timeout=20,
    )

    event = answer.json()
    assert (event["version"], event["routeKey"]) == ("2.0", "POST /open/{name}")
    assert (event["rawPath"], event["rawQueryString"]) == ("/open/a b", "x=1&x=2&y=%2F")
    assert event["queryStringParameters"] == {"x": "1,2", "y": "/"}
    assert event["pathParameters"] == {"name": "a b"}
    assert (event["headers"]["x-one"], event["cookies"]) == ("1", ["a=1", "b=2"])
    assert "cookie" not in event["headers"]
    assert (event["body"], event["isBase64Encoded"]) == ("text", False)
    http = event["requestContext"]["http"]
    assert (http["method"], http["path"], http["sourceIp"]) == ("POST", "/open/a b", "127.0.0.1")


def test_a_body_that_is_no_text_comes_in_base64(outputs: dict[str, str]) -> None:
    answer = requests.post(f"{outputs['Url']}/open/x", data=b"\xff", timeout=20)

    assert (answer.json()["body"], answer.json()["isBase64Encoded"]) == ("/w==", True)


def test_a_route_with_iam_authorization_takes_signed_requests_only(outputs: dict[str, str]) -> None:
    url = f"{outputs['Url']}/closed"

    unsigned, signed = requests.get(url, timeout=20), requests.get(url, headers=SIGNED, timeout=20)

    assert (unsigned.status_code, unsigned.json()) == (403, {"message": "Forbidden"})
    assert signed.json()["requestContext"]["authorizer"]["iam"]["accessKey"] == "someone"


def test_what_no_route_takes_is_not_found(outputs: dict[str, str]) -> None:
    for url in (f"{outputs['Url']}/other", f"{outputs['Url']}/open/x", outputs["StagedUrl"]):
        answer = requests.get(url, timeout=20)
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_stage_with_a_name_stands_in_the_path(outputs: dict[str, str]) -> None:
    event = requests.get(f"{outputs['StagedUrl']}/live/", timeout=20).json()

    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/live/", "live")


def test_an_api_answers_under_its_own_host_name_too(runtime: Runtime, outputs: dict[str, str]) -> None:
    host = f"{outputs['Url'].rpartition('/')[2]}.execute-api.{REGION}.amazonaws.com"

    answer = requests.post(f"{runtime.url}/open/x", headers={"Host": host}, timeout=20)

    assert answer.json()["requestContext"]["domainName"] == host


def test_an_api_that_a_client_makes_is_answered_for(runtime: Runtime, outputs: dict[str, str]) -> None:
    aws = Aws(runtime.endpoint, AdjustableClock(), runtime.journal)
    gateway = aws.client("apigatewayv2")
    arn = aws.client("lambda").get_function(FunctionName=outputs["FunctionName"])["Configuration"]["FunctionArn"]
    api_id = gateway.create_api(Name="own", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )
    target = f"integrations/{integration['IntegrationId']}"
    gateway.create_route(ApiId=api_id, RouteKey="GET /here", Target=target)
    gateway.create_stage(ApiId=api_id, StageName="$default", StageVariables={"colour": "green"})
    aws.close()

    event = requests.get(f"{runtime.url}/_api/{api_id}/here", timeout=20).json()

    assert (event["routeKey"], event["stageVariables"]) == ("GET /here", {"colour": "green"})
