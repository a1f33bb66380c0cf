"""Requests to HTTP APIs: under /_api/ID of this endpoint, or under an API's own host name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from local_aws.complaint import complain

from ..cors import CorsRule, api_rules
from ..lambda_service.errors import LambdaError as LambdaError
from ..measurements import Measurements
from ..wire import Answer, Request
from .answers import function_answer, message
from .events import ApiCall, request_event
from .routing import match

PREFIX = "/_api/"
_HOST_PART = ".execute-api."
_DEFAULT_STAGE = "$default"
_LARGEST_BODY_BYTES = 10_000_000
_LAMBDA_URI = ":lambda:path/2015-03-31/functions/"

type Invoke = Callable[[dict[str, Any]], dict[str, Any]]


def url_of(endpoint_url: str, api_id: str) -> str:
    """Where an API's default stage is answered for."""
    return f"{endpoint_url}{PREFIX}{api_id}"


class HttpApis:
    """Answers for every HTTP API of the account, whichever client or template made it.

    Authorization by IAM takes any signature and checks none, as everything here; a request without one is refused. What
    is not here is answered with 501 and its name: other authorizers, other integrations than functions, payload format
    1.0. There is no throttling and no access log. The endpoint adds CORS headers by `cors_rules`.
    """

    def __init__(self, account_id: str, lock: Callable[[str], AbstractContextManager[Any]]) -> None:
        self._account_id = account_id
        self._lock = lock
        self.invoke: Invoke | None = None
        self.measurements: Measurements | None = None

    def serves(self, request: Request) -> bool:
        return _is_addressed(request.environ)

    def has(self, api_id: str) -> bool:
        return self._find(api_id) is not None

    def cors_rules(self, environ: Mapping[str, Any]) -> list[CorsRule] | None:
        """Return the rules of the API that the request is for; None if it is for no API."""
        if not _is_addressed(environ):
            return None
        api = self._find(_addressed(environ)[0])
        return [] if api is None else api_rules(api.cors_configuration)

    def answer(self, request: Request) -> Answer:
        """Answer as API Gateway does, its own errors included."""
        api_id, path = _addressed(request.environ)
        answer = self._answer(request, api_id, path)
        if self.measurements is not None:
            failed = float(answer.status >= 500)
            self.measurements.add("AWS/ApiGateway", "5xx", {"ApiId": api_id}, failed, time.time())
        return answer

    def _answer(self, request: Request, api_id: str, path: str) -> Answer:
        with self._lock("apigateway"):
            api = self._find(api_id)
            if api is None:
                return message(404, "Not Found")
            stage = _stage(api, path)
            if stage is None:
                return message(404, "Not Found")
            routes = {route.route_key: route for route in api.routes.values()}
            integrations = dict(api.integrations)
        within = path.removeprefix(f"/{stage.name}") or "/"
        call = ApiCall(api_id, stage.name, path, request.environ, request.body, dict(stage.stage_variables or {}))
        found = match(routes, call.method, within)
        if found is None:
            return message(404, "Not Found")
        route = routes[found.route_key]
        if (refusal := _refusal(route, call)) is not None:
            return refusal
        integration = integrations.get(str(route.target).removeprefix("integrations/"))
        return self._forward(integration, request_event(call, found, self._account_id))

    def _forward(self, integration: Any, event: dict[str, Any]) -> Answer:
        uri = str(getattr(integration, "integration_uri", ""))
        version = str(getattr(integration, "payload_format_version", None) or "1.0")
        if self.invoke is None or ":lambda:" not in uri or version != "2.0":
            return message(501, f"only functions are integrated here, in payload format 2.0; not {uri} in {version}")
        arn = uri.partition(_LAMBDA_URI)[2].removesuffix("/invocations") or uri
        try:
            outcome = self.invoke({"FunctionName": arn, "Payload": json.dumps(event).encode()})
        except LambdaError as error:
            if error.status == 413:
                return message(413, "Request Entity Too Large")
            complain(f"{arn} is not invoked: {error}")
            return message(503 if error.status == 429 else 500, "Service Unavailable")
        if "FunctionError" in outcome:
            return message(500, "Internal Server Error")
        return function_answer(outcome["Payload"])

    def _find(self, api_id: str) -> Any:
        # Imported late: an endpoint without an API is spared it.
        from moto.apigatewayv2.models import apigatewayv2_backends

        for backend in list(apigatewayv2_backends[self._account_id].values()):
            if api_id in backend.apis:
                return backend.apis[api_id]
        return None


def _is_addressed(environ: Mapping[str, Any]) -> bool:
    return str(environ["PATH_INFO"]).startswith(PREFIX) or _HOST_PART in str(environ.get("HTTP_HOST", "")).lower()


def _addressed(environ: Mapping[str, Any]) -> tuple[str, str]:
    """Return the API's id and the path in it, decoded."""
    path = str(environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")
    if path.startswith(PREFIX):
        api_id, _, rest = path.removeprefix(PREFIX).partition("/")
        return api_id, f"/{rest}"
    return str(environ["HTTP_HOST"]).lower().partition(_HOST_PART)[0], path


def _stage(api: Any, path: str) -> Any:
    """The stage that the path begins with, or the default one."""
    first = path.split("/")[1]
    return api.stages.get(first) or api.stages.get(_DEFAULT_STAGE)


def _refusal(route: Any, call: ApiCall) -> Answer | None:
    kind = route.authorization_type or "NONE"
    if len(call.body) > _LARGEST_BODY_BYTES:
        return message(413, "Request Entity Too Large")
    if kind == "AWS_IAM":
        return None if call.access_key else message(403, "Forbidden")
    return None if kind == "NONE" else message(501, f"there is no authorization of the kind {kind} here")
