"""The Lambda API over HTTP (REST-JSON): a request becomes a dictionary in the API's shape, so does the answer."""

import json
import sys
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from botocore import xform_name
from moto.core.utils import get_service_model

from local_aws import json_text
from local_aws.lambda_service.errors import LambdaError, invalid_value
from local_aws.lambda_service.routes import find_route
from local_aws.shape_values import Unacceptable
from local_aws.shapes import check_request

# What the operations, here by their names in Python, are called in the model.
_NAMES = {xform_name(name): name for name in get_service_model("lambda").operation_names}

type Document = dict[str, Any]
type Operation = Callable[[Document], Document]

_INVOKE_HEADERS = {
    "InvocationType": "HTTP_X_AMZ_INVOCATION_TYPE",
    "LogType": "HTTP_X_AMZ_LOG_TYPE",
    "ClientContext": "HTTP_X_AMZ_CLIENT_CONTEXT",
}
_INVOKE_ANSWERS = {
    "FunctionError": "X-Amz-Function-Error",
    "ExecutedVersion": "X-Amz-Executed-Version",
    "LogResult": "X-Amz-Log-Result",
}


class LambdaApplication:
    """A WSGI application over `operations`, by their names in snake case."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
        try:
            status, body, more = self._answer(environ)
        except LambdaError as error:
            status, body = error.status, error.body()
            more = {"x-amzn-ErrorType": error.code}
        except Exception as error:  # the boundary: the client gets a 500, whoever runs the endpoint the cause
            traceback.print_exc(file=sys.stderr)
            failure = LambdaError("ServiceException", 500, f"{type(error).__name__}: {error}")
            status, body, more = failure.status, failure.body(), {"x-amzn-ErrorType": failure.code}
        headers |= more
        if status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(body))
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        # WSGI hands the path over as Latin-1 of its bytes.
        path = environ["PATH_INFO"].encode("latin-1").decode()
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        route = find_route(environ["REQUEST_METHOD"], path, {name: values[0] for name, values in query.items()})
        if route is None:
            message = f"{environ['REQUEST_METHOD']} {path} is no operation here."
            raise LambdaError("UnknownOperationException", 404, message)
        body = _body(environ)
        request: Document = {**_from_query(query), **route.parameters}
        if route.operation == "invoke":
            return self._invoke(request, body, environ)
        request = {**_document(body), **request}
        _refuse_local_code(request)
        _check_form(route.operation, request)
        answer = self._operations[route.operation](request)
        return route.status, b"" if route.status == HTTPStatus.NO_CONTENT else json.dumps(answer).encode(), {}

    def _invoke(self, request: Document, body: bytes, environ: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        given = {name: environ[key] for name, key in _INVOKE_HEADERS.items() if key in environ}
        _check_form("invoke", request)
        answer = self._operations["invoke"]({**request, **given, "Payload": body})
        headers = {header: answer[name] for name, header in _INVOKE_ANSWERS.items() if name in answer}
        if "RequestId" in answer:
            headers["x-amzn-RequestId"] = answer["RequestId"]
        return answer["StatusCode"], answer["Payload"], headers


def _check_form(operation: str, request: Document) -> None:
    """Refuse a request whose members are of wrong types, or beyond the bounds of Lambda's service model."""
    try:
        check_request("lambda", _NAMES[operation], request)
    except Unacceptable as error:
        raise LambdaError(error.code, 400, error.message) from None


def _refuse_local_code(request: Document) -> None:
    """Refuse code that lies in a folder of this machine: only a template that this process reads may name one."""
    for source in (request, request.get("Code"), request.get("Content")):
        if isinstance(source, dict) and "LocalPath" in source:
            raise invalid_value("Code is not taken from a folder over HTTP: send ZipFile, or S3Bucket and S3Key.")


def _from_query(query: Mapping[str, list[str]]) -> Document:
    # The only list in a query of this API.
    named = {"tagKeys": "TagKeys"}
    return {named.get(name, name): values if name == "tagKeys" else values[0] for name, values in query.items()}


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    body: bytes = environ["wsgi.input"].read(int(length)) if length else b""
    if not length and environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    return body


def _document(body: bytes) -> Document:
    if not body:
        return {}
    try:
        document = json_text.parse(body)
    except ValueError as error:
        raise LambdaError("SerializationException", 400, f"Could not parse request body into json: {error}") from error
    if not isinstance(document, dict):
        raise LambdaError("SerializationException", 400, "Start of structure or map found where not expected.")
    return document
