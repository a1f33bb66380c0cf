"""Calls to AWS in a process that delivers batches: how many there are, and what comes before each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from bench import stub
from bench.servers import REGION

Json = dict[str, Any]


class Calls:
    """Counts the calls of all clients, and can end each before its request is built or sent."""

    def __init__(self) -> None:
        import boto3
        from botocore.client import BaseClient

        from changestream.aws import clients

        self.count, self.answered_before = 0, ""
        boto3.setup_default_session(region_name=REGION)
        default, own = cast(Any, boto3.DEFAULT_SESSION), cast(Any, clients.session())
        default.events.register("before-call", self._before_call)
        own.register("before-call", self._before_call)
        client: Any = BaseClient
        make = client._make_api_call

        def make_api_call(this: Any, operation: str, parameters: Json) -> Any:
            if self.answered_before != "request":
                return make(this, operation, parameters)
            model = this._service_model.operation_model(operation)  # so that a resource turns Python into attributes
            this._emit_api_params(parameters, model, {"client_region": REGION, "client_config": this.meta.config})
            return {}

        client._make_api_call = make_api_call
        self._count_search()

    def _count_search(self) -> None:
        """Likewise of the requests that no client of boto3 makes; what they carry is built when they are planned."""
        from changestream.aws.signed_http import HttpAnswer, SignedHttp

        signed: Any = SignedHttp
        send = signed.send

        def count(this: Any, method: str, path: str, body: bytes, *more: str) -> Any:
            self.count += 1
            if not self.answered_before:
                return send(this, method, path, body, *more)
            return HttpAnswer(200, json.loads(stub.answer(f"{method} {path}".encode(), body)))

        signed.send = count

    def _before_call(self, **_: Any) -> tuple[Any, Json] | None:
        self.count += 1
        return (SimpleNamespace(status_code=200), {}) if self.answered_before == "signature" else None

    @contextmanager
    def end_before(self, step: str) -> Iterator[None]:
        """Answer every call before this step: its "request" is built, or its "signature" is made and it is sent."""
        self.answered_before = step
        yield
        self.answered_before = ""
