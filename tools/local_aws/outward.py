"""Keeps moto from speaking to anyone off this machine: the one thing it would do so for is an HTTP subscription."""

from __future__ import annotations

from urllib.parse import urlsplit

from .wire import Request, ServiceError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def refuse_distant_subscriber(request: Request) -> None:
    """Raise `ServiceError` for a Subscribe call of SNS whose endpoint is an address on the network."""
    parameters = request.parameters
    if parameters.get("Action") != ["Subscribe"] or parameters.get("Protocol") not in (["http"], ["https"]):
        return
    address = parameters.get("Endpoint", [""])[0]
    if urlsplit(address).hostname not in _LOOPBACK:
        raise ServiceError(
            "InvalidParameter", f"Invalid parameter: Endpoint: {address} is not on this machine, which nothing leaves"
        )
