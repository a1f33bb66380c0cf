"""Which route a request takes, as API Gateway's guide has it."""

import pytest

from local_aws.http_api.definition import defined_routes
from local_aws.http_api.routing import match

ROUTES = (
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "POST /pets/dog/{id}",
    "$default",
)
LAMBDA = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/f/invocations"


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/pets/dog/2", "POST /pets/dog/{id}", {"id": "2"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("GET", "/pets/dog/2/toys", "GET /pets/{proxy+}", {"proxy": "dog/2/toys"}),
    ],
)
def test_the_most_specific_route_takes_a_request(
    method: str, path: str, route: str, parameters: dict[str, str]
) -> None:
    found = match(ROUTES, method, path)

    assert found is not None
    assert (found.route_key, found.parameters) == (route, parameters)


def test_the_default_route_takes_what_no_other_takes() -> None:
    found = match(["GET /pets", "$default"], "DELETE", "/pets")

    assert found is not None
    assert found.route_key == "$default"
    assert match(["GET /pets"], "GET", "/dogs") is None


def test_a_definition_says_which_routes_ask_for_a_signature() -> None:
    signature = {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"}
    integration = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": LAMBDA}}
    definition = {
        "paths": {
            "/$default": {"x-amazon-apigateway-any-method": integration},
            "/open": {"get": {"security": [], **integration}},
            "/other": {"any": integration, "post": {"security": [{"Jwt": []}], **integration}, "put": {}},
        },
        "security": [{"AWS_IAM": []}],
        "components": {"securitySchemes": {"AWS_IAM": signature, "Jwt": {"type": "oauth2"}}},
    }

    routes = {each.route_key: each.authorization_type for each in defined_routes(definition)}

    assert routes == {"$default": "AWS_IAM", "GET /open": "NONE", "POST /other": "CUSTOM"}
