"""What clients see when a service is told to call a URL elsewhere. `isolation.connections` prevents the call itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import requests
from moto.sns.models import Subscription

from isolation.connections import NotOnThisMachine, is_loopback
from local_aws.complaint import complain

from .wire import Request, ServiceError


def refuse_distant_subscriber(request: Request) -> None:
    """Raise `ServiceError` for a Subscribe call of SNS whose endpoint is a URL of another machine.

    The URL is read by the library that would call it.
    """
    parameters = request.parameters
    if parameters.get("Action") != ["Subscribe"] or parameters.get("Protocol") not in (["http"], ["https"]):
        return
    address = parameters.get("Endpoint", [""])[0]
    if not is_loopback(_host(address)):
        raise ServiceError(
            "InvalidParameter",
            f"Invalid parameter: Endpoint: {address} is not on this machine, and nothing may leave it",
        )


def refusal_of(error: BaseException) -> ServiceError | None:
    """Return what a client is told if a call failed because it would have left this machine, `None` otherwise."""
    for cause in _causes(error):
        if isinstance(cause, NotOnThisMachine):
            return ServiceError("AccessDeniedException", str(cause.strerror), 403)
    return None


def keep_failed_deliveries_from_publishers() -> None:
    """Have a failed call of a subscriber's URL leave Publish and the other subscriptions alone, as SNS does.

    The failure is printed. SNS would try again later:
    https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
    """
    if not hasattr(Subscription.publish, "__wrapped__"):
        Subscription.publish = _telling_failures(Subscription.publish)  # type: ignore[method-assign]


def _telling_failures(publish: Callable[..., None]) -> Callable[..., None]:
    @wraps(publish)
    def publish_or_tell(subscription: Subscription, *arguments: Any, **named: Any) -> None:
        try:
            publish(subscription, *arguments, **named)
        except requests.RequestException as error:
            refused = refusal_of(error)
            reason = error if refused is None else refused.message
            complain(f"sns: no delivery to {subscription.endpoint}: {reason}")

    return publish_or_tell


def _host(address: str) -> str:
    request = requests.models.PreparedRequest()
    try:
        request.prepare_url(address, None)
    except requests.RequestException:
        return ""
    return urlsplit(request.url or "").hostname or ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error, and those that it was raised from or while handling."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
