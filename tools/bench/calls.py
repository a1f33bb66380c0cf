"""The calls to AWS of what is measured: counted, and on demand answered before they cost what is not to be measured."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from bench import stub
from isolation.environment import REGION

Json = dict[str, Any]

PLANNED = "planned"
"""The write stands as attribute values or as the body of a request, and whoever sends it would be called now."""

SIGNED = "signed"
"""The request is built and signed, and would go out now: all that is computed before anything waits."""


class CountedCalls:
    """Counts the calls of all clients; within ``end_at`` each is answered with success as soon as it is that far."""

    def __init__(self) -> None:
        import boto3
        from botocore.client import BaseClient

        from changestream.aws import clients

        self.count, self._end = 0, ""
        boto3.setup_default_session(region_name=REGION)
        for events in (cast(Any, boto3.DEFAULT_SESSION).events, cast(Any, clients.session())):
            events.register("before-call", self._before_call)
        client: Any = BaseClient
        make = client._make_api_call

        def make_api_call(this: Any, operation: str, parameters: Json) -> Any:
            if self._end != PLANNED:
                return make(this, operation, parameters)
            model = this._service_model.operation_model(operation)  # so that a resource turns Python into attributes
            this._emit_api_params(parameters, model, {"client_region": REGION, "client_config": this.meta.config})
            return {}

        client._make_api_call = make_api_call
        self._count_search()
        self._end_before_sending()

    @contextmanager
    def end_at(self, step: str) -> Iterator[None]:
        """Answer every call when it is ``PLANNED`` or ``SIGNED``."""
        self._end = step
        yield
        self._end = ""

    def _before_call(self, **_: Any) -> None:
        self.count += 1

    def _count_search(self) -> None:
        """Likewise of the requests that no client of boto3 makes."""
        from changestream.aws.signed_http import HttpAnswer, SignedHttp

        signed: Any = SignedHttp
        send = signed.send

        def count(this: Any, method: str, path: str, body: bytes, *more: str) -> Any:
            self.count += 1
            if self._end != PLANNED:
                return send(this, method, path, body, *more)
            return HttpAnswer(200, json.loads(_answer(path, body)))

        signed.send = count

    def _end_before_sending(self) -> None:
        from botocore.httpsession import URLLib3Session

        session: Any = URLLib3Session  # it sends for clients and for ourselves
        send = session.send

        def answer(this: Any, request: Any) -> Any:
            if self._end != SIGNED:
                return send(this, request)
            return SimpleNamespace(status_code=200, headers={}, content=_answer(request.url, request.body))

        session.send = answer


def _answer(path: str, body: bytes) -> bytes:
    return _of_bulk(body.count(b"\n")) if path.endswith("/_bulk") else stub.EMPTY


@cache
def _of_bulk(lines: int) -> bytes:
    """Made once: it is the work of the index."""
    return stub.answer(b"POST /_bulk", b"\n" * lines)
