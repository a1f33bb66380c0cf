"""Clients of AWS: made on first use, shared by the invocations that follow, with time-outs that fit a consumer.

They are what boto3's are, made by botocore: boto3 itself would be imported for its resources and transfers, which
nobody here uses, by every cold start.
"""

from functools import cache
from typing import Any

import botocore
from botocore.config import Config
from botocore.session import Session, get_session

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5
ATTEMPTS = 2
"""Attempts per call. The mapping retries too, with longer pauses: a refusal that lasts is its business."""

CONCURRENT_CALLS = 16

USER_AGENT = f"Botocore/{botocore.__version__} app/changestream"
"""Told as it is: botocore puts its own together twice for every call, which is a tenth of what a call computes."""


@cache
def session() -> Session:
    """Return the session that all clients are made of; who hears its events hears theirs."""
    return get_session()


def _create(service: str, **settings: Any) -> Any:
    return session().create_client(service, **settings)


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
