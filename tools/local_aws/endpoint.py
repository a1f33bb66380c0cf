"""The endpoint: one address on this machine that answers as AWS does."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Collection, Iterable
from typing import Any

from moto.core.exceptions import JsonRESTError

from .admission import CORS_HEADERS, ONLY_BUCKET, Admission
from .background import Background
from .calls import CallCounts
from .clock import Clock
from .content_encoding import inflate
from .control import ControlledFunctions, ControlRoutes, ReadableJournal
from .cors import Headers
from .disorder import Disorder
from .http_api import HttpApis
from .http_api.front import Invoke
from .http_requests import Environ
from .http_server import HttpServer, StartResponse, WsgiApplication
from .measurements import Measurements
from .named_resources import operation_of, resources_of
from .outward import refusal_of
from .refusals import RefusalRule, Refusals
from .search import PREFIX, SearchService
from .services import SUBSCRIBE, Services
from .shape_values import Unacceptable
from .shapes import check_request
from .state import StateDirectory
from .state.scope import changes_much
from .wire import Request, ServiceError, error_answer

# Each of Lambda's paths begins with the date of the API version that brought it.
_LAMBDA_DATES = ("2015-03-31", "2016-08-19", "2017-03-31", "2017-10-31", "2018-10-31", "2019-09-25", "2019-09-30")
_CORS = "access-control-"
_SEARCH = frozenset({"es", "opensearch"})
_LAMBDA_PATHS = tuple(f"/{date}/" for date in _LAMBDA_DATES)


class Endpoint:
    """Bound on construction, serving from `start` to `close`. One at a time per process (see `Services`)."""

    def __init__(
        self,
        account_id: str,
        region: str,
        journal: ReadableJournal,
        port: int = 0,
        clock: Clock = time.time,
        disorder: Disorder | None = None,
        seed: int = 0,
        state: StateDirectory | None = None,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.outputs: dict[str, str] = {}
        self._journal = journal
        self._refusals = Refusals(clock)
        self._calls = CallCounts(account_id)
        self._state = state
        self.services = Services(account_id, clock, disorder, seed, state)
        self._apis = HttpApis(account_id, self.services.lock)
        self._server = HttpServer(self._application, port, Admission(account_id, self._apis))
        self._search = SearchService(None if state is None else state.search_file, self._refused_search)
        self._background = Background(self.services, state)
        self._lambda: WsgiApplication | None = None
        self._control = self._make_control(None)

    @property
    def url(self) -> str:
        return self._server.url

    def host(
        self, functions: ControlledFunctions, application: WsgiApplication, invoke: Invoke, measurements: Measurements
    ) -> None:
        """Let a Lambda service answer the Lambda routes, and what HTTP APIs forward to its functions.

        What AWS counts of API calls and of the capture goes into `measurements`.
        """
        self._apis.measurements = self.services.capture.measurements = measurements
        self._lambda = application
        self._apis.invoke = invoke
        self._control = self._make_control(functions)

    def start(self) -> None:
        self._server.start()
        self._background.start()

    def close(self) -> None:
        self._server.close()
        self._background.close()
        self.services.close()
        self._search.close()

    def _make_control(self, functions: ControlledFunctions | None) -> ControlRoutes:
        return ControlRoutes(
            self._refusals, self._calls, self.services.capture, self._journal, functions, lambda: self.outputs
        )

    def _application(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        start_response = _with_own_cors(start_response, environ.get(CORS_HEADERS, ()))
        if ONLY_BUCKET in environ:
            request.service, request.target = "s3", ("", "")
        try:
            # First of all: a page that a bucket or an API admits may reach nothing else under its host.
            if ONLY_BUCKET in environ:
                answer = self._serve(request, start_response)
            elif self._apis.serves(request):
                return self._apis.answer(request).send(start_response)
            elif request.path.startswith(f"{PREFIX}/"):
                self._calls.note(request)
                return self._search.answer(request).send(start_response)
            else:
                answer = self._dispatch(request, start_response)
            if self._state is None or request.target[1] == SUBSCRIBE:
                return answer
            return self._kept(request, answer, self._state)
        except ServiceError as error:
            return error_answer(request, error).send(start_response)
        except JsonRESTError as error:  # moto's own
            code = error.error_type.rpartition("#")[2]
            return error_answer(request, ServiceError(code, error.message, error.code)).send(start_response)
        except Exception as error:  # the boundary: the client gets a 500, whoever runs the endpoint the cause
            if (refusal := refusal_of(error)) is not None:
                return error_answer(request, refusal).send(start_response)
            traceback.print_exc(file=sys.stderr)
            failure = ServiceError("InternalFailure", f"{type(error).__name__}: {error}", 500)
            return error_answer(request, failure).send(start_response)

    def _kept(self, request: Request, answer: Iterable[bytes], state: StateDirectory) -> Iterable[bytes]:
        """Give out an answer when what it tells of will outlive this process."""
        body = b"".join(answer)
        if changes_much(request, body):
            state.save()
        else:
            state.save_if_touched()
        return (body,)

    def _dispatch(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        if request.path.startswith("/_local/"):
            return self._control.answer(request).send(start_response)
        if request.path.startswith(_LAMBDA_PATHS):
            self._admit(request)
            if self._lambda is None:
                raise ServiceError("ServiceException", "this endpoint runs without a Lambda service", 500)
            return self._lambda(request.environ, start_response)
        return self._serve(request, start_response)

    def _serve(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        self._admit(request)
        return self.services.answer(request, start_response)

    def _admit(self, request: Request) -> None:
        if not request.region:
            request.region = self.region
        inflate(request)
        _check_form(request)
        self._calls.note(request)
        self._refuse(request)

    def _refuse(self, request: Request) -> None:
        in_force = self._refusals.in_force()
        if not in_force:
            return
        # DynamoDB Streams signs, and is refused, under either name.
        services = {request.service, request.signed_for}
        if not any(each.service in services for each in in_force):
            return
        operation, resources = operation_of(request), resources_of(request)
        if refusal := self._met(services, operation, resources):
            raise refusal.raised()

    def _refused_search(self, operation: str, resource: str) -> RefusalRule | None:
        return self._met(_SEARCH, operation, {resource})

    def _met(self, services: Collection[str], operation: str, resources: Collection[str]) -> RefusalRule | None:
        """The refusal that a call meets with, if any; the journal tells of it."""
        for refusal in self._refusals.in_force():
            if any(refusal.concerns(service, operation, resources) for service in services):
                self._journal.add("refusal.hit", id=refusal.refusal_id, service=refusal.service, operation=operation)
                return refusal
        return None


def _check_form(request: Request) -> None:
    """Refuse a request in JSON that its operation does not take; Lambda's are checked where they are read."""
    if not request.target[1]:
        return
    try:
        check_request(request.service, request.target[1], request.json)
    except Unacceptable as error:
        raise ServiceError(error.code, error.message) from None


def _with_own_cors(start_response: StartResponse, headers: Headers) -> StartResponse:
    """Leave out what a service or a function says about CORS, and say what the bucket or the API asks for."""

    def start(status: str, given: list[tuple[str, str]], exc_info: Any = None) -> Any:
        kept = [each for each in given if not each[0].lower().startswith(_CORS)]
        return start_response(status, [*kept, *headers], exc_info)

    return start
