"""Requests to a service that boto3 has no client for: signed by hand, over kept connections, answered in JSON.

botocore brings all that is needed, so that no client library is added to the layer; its sessions of HTTP and its
signer are what boto3's own clients are made of.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from botocore.utils import get_environ_proxies

from changestream.core.errors import TransientError

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 20
"""Longer than with other services: megabytes may be in one request. Two of these fit a function's minute."""

ATTEMPTS = 2
"""Attempts per request while no answer comes: a kept connection may have been closed by the other side."""

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The status of an answer and its document, empty where the body is not a JSON object."""

    status: int
    document: Mapping[str, Any]


class SignedHttp:
    """Sends requests to one endpoint, signed with the execution role's credentials (thread-safe)."""

    def __init__(
        self, endpoint: str, service: str, region: str, read_timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._service = service
        self._region = region
        self._http = URLLib3Session(
            proxies=get_environ_proxies(endpoint),
            timeout=(CONNECT_TIMEOUT_SECONDS, read_timeout_seconds),  # type: ignore[arg-type] # as botocore's own
            max_pool_connections=CONNECTIONS,
            # As boto3's clients have it: without, a request in two segments waits for a delayed acknowledgement, 40 ms.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # type: ignore[list-item] # likewise
        )

    def send(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> HttpAnswer:
        """Send a request; whatever status comes back is for the caller. Raises ``TransientError`` if none does.

        A request may be sent twice, so it has to be one that does no harm when it is carried out twice. It carries all
        its parameters in the body: in the URL of a signed POST they are not heeded (OpenSearch Service Developer Guide,
        "Making and signing OpenSearch Service requests").
        """
        for attempt in range(1, ATTEMPTS + 1):
            request = AWSRequest(method, self._endpoint + path, {"Content-Type": content_type}, body)
            try:
                SigV4Auth(self._credentials.get_frozen_credentials(), self._service, self._region).add_auth(request)
                answer = self._http.send(request.prepare())
            except BotoCoreError as error:
                if attempt == ATTEMPTS:
                    raise TransientError(f"{method} {path}: {error}") from error
                continue
            return HttpAnswer(answer.status_code, _document(answer.content))
        raise AssertionError("unreachable")

    @cached_property
    def _credentials(self) -> Any:
        """Credentials that renew themselves where they end."""
        credentials = get_session().get_credentials()
        if credentials is None:
            raise TransientError("there are no credentials to sign requests with")
        return credentials


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
