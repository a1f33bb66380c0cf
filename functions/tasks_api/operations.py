"""The operations of the API: routed by Powertools, their arguments checked here, described in the OpenAPI document."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from inspect import signature
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from parameters import BODY, PARAMETERS, Parameter, arguments

Act = Callable[..., Response[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """What ``act`` does with what it takes. ``gives`` names the schema of the answer; without, it has no body."""

    method: str
    path: str
    summary: str
    gives: str | None
    status: HTTPStatus
    act: Act
    takes: Mapping[str, Parameter]


class Operations:
    """The operations of ``app``."""

    def __init__(self, app: APIGatewayHttpResolver) -> None:
        self._app = app
        self._all = list[Operation]()

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._all)

    def add(
        self, method: str, path: str, summary: str, *, gives: str | None, status: HTTPStatus = HTTPStatus.OK
    ) -> Callable[[Act], Act]:
        """Have a function act for a route: its arguments are parts of the request by their names in ``PARAMETERS``."""

        def register(act: Act) -> Act:
            takes = {name: PARAMETERS[name] for name in signature(act).parameters}
            operation = Operation(method, path, summary, gives, status, act, takes)
            self._all.append(operation)
            self._app.route(path, method)(lambda **path: self._respond(operation, path))
            return act

        return register

    def _respond(self, operation: Operation, path: dict[str, str]) -> Response[Any]:
        """Answer what is routed here. Raises ``Problem`` for a request that is wrong."""
        event, body = self._app.current_event.raw_event, self._app.context[BODY]
        request = {
            "path": path,
            "query": event.get("queryStringParameters") or {},
            "header": event.get("headers") or {},
            BODY: {} if body is None else {"": body},
        }
        return operation.act(**arguments(operation.takes, request))
