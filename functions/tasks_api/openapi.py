"""The OpenAPI document (3.1): the operations as they are routed and checked, with what they answer."""

from collections.abc import Iterable
from inspect import getdoc
from typing import Any

from answer_schemas import ANSWER_SCHEMAS, TEXT
from operations import Operation
from parameters import BODY, Parameter
from problems import CONTENT_TYPE, JSON
from schemas import SCHEMAS, Schema, ref

SIGNATURE = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
"""As API Gateway itself describes IAM authorization in its exports."""

ENTITY_TAG = {"ETag": {"description": "The task's version.", "required": True, "schema": TEXT}}
LOCATION = {"Location": {"description": "Where the task is.", "required": True, "schema": TEXT}}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the document. It names its server relative to itself, so that it holds wherever it is served."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        path = each.path.replace("<", "{").replace(">", "}")
        paths.setdefault(path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tasks", "version": "1"},
        "servers": [{"url": "."}],
        "security": [{"sigv4": []}],
        "paths": paths,
        "components": {"schemas": {**SCHEMAS, **ANSWER_SCHEMAS}, "securitySchemes": {"sigv4": SIGNATURE}},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    takes = operation.takes.values()
    described = {
        "summary": operation.summary,
        "description": getdoc(operation.act),
        "operationId": operation.act.__name__,
        "parameters": [_parameter(each) for each in takes if each.place != BODY],
        "responses": {str(operation.status.value): _answer(operation), "403": REFUSAL, "default": PROBLEM},
    }
    body = [_content(each.schema) | {"required": each.required} for each in takes if each.place == BODY]
    return described | ({"requestBody": body[0]} if body else {})


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "schema": parameter.schema,
    }
    return described | ({"description": parameter.description} if parameter.description else {})


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.gives is None:
        return {"description": "Done"}
    headers = (ENTITY_TAG if operation.gives == "Task" else {}) | (LOCATION if operation.status == 201 else {})
    return {"description": "The document", "headers": headers} | _content(ref(operation.gives))


def _content(schema: Schema, kind: str = JSON) -> dict[str, Any]:
    return {"content": {kind: {"schema": schema}}}


REFUSAL = {"description": "API Gateway refuses an unsigned request, or a signer that may not make it"} | _content(
    ref("Refusal")
)
"""The gateway's own answer, before this function is invoked (API Gateway Developer Guide, "Control access to HTTP APIs
with IAM authorization")."""

PROBLEM = {"description": "A problem"} | _content(ref("Problem"), CONTENT_TYPE)
"""What every operation may answer."""
