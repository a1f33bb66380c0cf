"""What a function's response is on the wire, as API Gateway's guide has it for payload format 2.0."""

import json
from typing import Any

import pytest

from local_aws.http_api.answers import function_answer


def test_a_response_with_a_status_is_answered_as_it_says() -> None:
    returned = {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "X-Count": 3},
        "cookies": ["a=1; Secure", "b=2"],
        "body": "{}",
    }

    answer = function_answer(json.dumps(returned).encode())

    assert (answer.status, answer.content_type, answer.body) == (201, "application/json", b"{}")
    assert answer.headers == (("x-count", "3"), ("set-cookie", "a=1; Secure"), ("set-cookie", "b=2"))


def test_a_body_in_base64_is_answered_in_bytes() -> None:
    answer = function_answer(b'{"statusCode": "200", "isBase64Encoded": true, "body": "AP8="}')

    assert (answer.status, answer.body) == (200, b"\x00\xff")


@pytest.mark.parametrize("returned", ["Hello", {"message": "Hello"}, [1], None, 3])
def test_anything_without_a_status_is_a_document(returned: Any) -> None:
    answer = function_answer(json.dumps(returned).encode())

    assert (answer.status, answer.content_type) == (200, "application/json")
    assert answer.body.decode() == (returned if isinstance(returned, str) else json.dumps(returned))


@pytest.mark.parametrize(
    "returned",
    [{"statusCode": "good"}, {"statusCode": None}, {"statusCode": 200, "isBase64Encoded": True, "body": "?"}],
)
def test_a_malformed_response_is_an_error_of_the_api(returned: Any) -> None:
    answer = function_answer(json.dumps(returned).encode())

    assert (answer.status, answer.body) == (500, b'{"message": "Internal Server Error"}')
