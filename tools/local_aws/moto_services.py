"""moto's dispatch of a request to one of its services, without moto's own control routes.

`/moto-api` resets, seeds and records the process that serves it. No spelling of its path, and no service that a
signature names, leads to it.
"""

from __future__ import annotations

import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local_aws.complaint import complain

from .admission import ONLY_BUCKET
from .http_server import StartResponse
from .object_bodies import check_chunked_object
from .resource_counts import check_counts
from .wire import Request, ServiceError

_NOT_SERVED = ("moto_api", "moto_api._internal", "instance_metadata")
_MISREAD = (LookupError, TypeError, ValueError, AttributeError, AssertionError, ArithmeticError, RecursionError)
"""What moto raises for a request of a form that it does not expect."""


class MotoServices(DomainDispatcherApplication):
    """A WSGI application. A path of moto's own is the path of an object, as any unknown path is."""

    def __init__(self) -> None:
        super().__init__(_app)
        self._backend_for_host = lru_cache(maxsize=1000)(super().get_backend_for_host)  # moto lists a folder each time

    def get_backend_for_host(self, host: str | None) -> Any:
        """Return moto's name of the service behind a host of AWS; None to have the request's signature looked at."""
        if host is None or host in _NOT_SERVED:
            return None
        found = self._backend_for_host(host)
        if found is None or found in _NOT_SERVED:
            raise ServiceError("UnknownServiceException", f"no service at {host} is known here", 404)
        return found

    def infer_service_region_host(self, environ: dict[str, Any], path: str) -> str | None:
        return None if ONLY_BUCKET in environ else super().infer_service_region_host(environ, path)


def _app(service: Any) -> Any:
    if service == "cloudwatch":
        from .metric_limits import bound_metrics  # late: its models take long to import

        bound_metrics()
    return create_backend_app(service)


def ask_moto(moto: MotoServices, request: Request, start_response: StartResponse) -> bytes:
    """Return moto's answer; a request that moto cannot read is a `ServiceError` of the client's, 400."""
    check_counts(request)
    if request.service in ("s3", ""):
        check_chunked_object(request)
    try:
        return b"".join(moto(request.environ, start_response))
    except _MISREAD as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error}"
        where = f"{Path(place.filename).parent.name}/{Path(place.filename).name}:{place.lineno}"
        complain(f"{request.method} {request.path}: moto cannot read this request: {reason} at {where}")
        message = f"moto, which answers for this service here, cannot read the request: {reason}"
        raise ServiceError("InvalidRequest", message) from error
