"""The edge between API Gateway and the routes: whatever happens behind it, a well-formed answer leaves.

A request is checked before its route is looked for; an error becomes a problem document; an unexpected one is logged
with its trace, of which nothing goes to the client.
"""

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit

from changestream.core.errors import TransientError
from incoming import body_of
from parameters import BODY
from problems import CONTENT_TYPE, Problem, unavailable, unexpected

FAULTS = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses that are the service's fault, and nobody's choice, as a missing search index is."""


class Boundary:
    """Answers requests by the routes of ``app``."""

    def __init__(self, app: APIGatewayHttpResolver, logger: Logger, metrics: Metrics) -> None:
        self._app = app
        self._logger = logger
        self._metrics = metrics
        app.exception_handler(NotFoundError)(lambda _: self._response(self._no_route()))
        app.exception_handler(Exception)(lambda error: self._response(self._problem(error)))

    def answer(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Return what API Gateway is to answer with."""
        self._metrics.add_metric("Requests", MetricUnit.Count, 1)
        try:
            self._app.context[BODY] = body_of(event)
            answered = self._app.resolve(event, context)
        except Exception as error:  # the boundary of the function: an answer leaves, whatever failed
            answered = self._wire(event, self._problem(error))
        self._report(event, answered["statusCode"])
        return answered

    def _problem(self, error: Exception) -> Problem:
        match error:
            case Problem():
                return error
            case TransientError():
                self._logger.warning("dependency refused", extra={"reason": error.reason})
                return unavailable()
            case _:
                self._logger.exception("request failed")
                return unexpected()

    def _no_route(self) -> Problem:
        """Tell a path that there is not from one that takes other methods. Powertools lists its routes nowhere else."""
        event = self._app.current_event
        routes = [*self._app._static_routes, *self._app._dynamic_routes]
        allowed = sorted({route.method for route in routes if route.rule.match(event.path)})
        if not allowed:
            return Problem(HTTPStatus.NOT_FOUND, f"There is nothing at {event.path}; see /openapi.json.")
        detail = f"{event.path} takes {', '.join(allowed)}."
        return Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(allowed)})

    def _response(self, problem: Problem) -> Response[str]:
        body = json.dumps(problem.document(_request_id(self._app.current_event.raw_event)))
        return Response(problem.status, CONTENT_TYPE, body, dict(problem.headers))

    def _wire(self, event: dict[str, Any], problem: Problem) -> dict[str, Any]:
        """Return a problem that was met outside the routes."""
        headers = {"Content-Type": CONTENT_TYPE, **problem.headers}
        body = json.dumps(problem.document(_request_id(event)))
        return {"statusCode": problem.status.value, "headers": headers, "body": body, "isBase64Encoded": False}

    def _report(self, event: dict[str, Any], status: int) -> None:
        http = _mapping(_mapping(event.get("requestContext")).get("http"))
        line = {"method": http.get("method"), "path": http.get("path"), "status": int(status)}
        self._metrics.add_metric("Failed", MetricUnit.Count, int(status in FAULTS))
        self._logger.info("answered", extra=line | {"requestId": _request_id(event)})


def _request_id(event: dict[str, Any]) -> str:
    return str(_mapping(event.get("requestContext")).get("requestId", ""))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
