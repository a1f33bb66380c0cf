"""boto3 clients: made on first use, shared by the invocations that follow, with time-outs that fit a consumer."""

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5
ATTEMPTS = 2
"""Attempts per call. The mapping retries too, with longer pauses: a refusal that lasts is its business."""

CONCURRENT_CALLS = 16

USER_AGENT = f"Boto3/{boto3.__version__} app/changestream"
"""Told as it is: botocore puts its own together twice for every call, which is a tenth of what a call computes."""

_create: Callable[..., Any] = boto3.client


def client(service: str) -> Any:
    """Return the shared client of a service in the function's own region."""
    return client_in(service, None)


@cache
def client_in(service: str, region: str | None) -> Any:
    """Return the shared client of a service in a region (thread-safe; boto3 guide, "Multithreading with clients")."""
    return _create(
        service,
        region_name=region,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=CONCURRENT_CALLS,
            parameter_validation=False,
            user_agent=USER_AGENT,
        ),
    )


@cache
def invoking_client(read_timeout_seconds: int) -> Any:
    """Return a Lambda client that waits out a function's time-out and never invokes twice by itself."""
    return _create(
        "lambda",
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=read_timeout_seconds,
            retries={"total_max_attempts": 1},
            tcp_keepalive=True,
        ),
    )
