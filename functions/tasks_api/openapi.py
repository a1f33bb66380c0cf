"""The OpenAPI document, as Powertools makes it from the routes, with what only this API knows added."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from problems import CONTENT_TYPE, JSON

VALIDATION_ERROR = "422"
"""What Powertools would answer wrong input with, and this API does not."""

SIGNATURE = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
"""As API Gateway itself describes IAM authorization in its exports."""

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "requestId"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "requestId"), TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "name", "detail"],
                "properties": dict.fromkeys(("in", "name", "detail"), TEXT),
            },
        },
    },
}


def document(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """Return the document. It names its server relative to itself, so that it holds wherever it is served."""
    made: dict[str, Any] = json.loads(app.get_openapi_json_schema(title="Tasks", version="1"))
    made["servers"] = [{"url": "."}]
    made["security"] = [{"sigv4": []}]
    components = made["components"]
    components["securitySchemes"] = {"sigv4": SIGNATURE}
    components["schemas"]["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        components["schemas"].pop(unused, None)
    for operations in made["paths"].values():
        for operation in operations.values():
            _describe_answers(operation["responses"])
    return made


def _describe_answers(responses: dict[str, Any]) -> None:
    """Say of an operation that what goes wrong is answered with a problem, and nothing of what it never answers."""
    responses.pop(VALIDATION_ERROR, None)
    if "204" in responses:
        responses["204"].pop("content", None)
    responses["default"] = {
        "description": "A problem",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, described in responses.items():
        if status != "default":
            described["description"] = "Done" if not described.get("content", {}).get(JSON) else "The document"
