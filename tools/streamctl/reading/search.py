"""The version of a document of the search index, asked for with the credentials of whoever asks."""

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.httpsession import URLLib3Session

from streamctl.exits import Exit, Trouble
from streamctl.stack import Stack

TIMEOUT_SECONDS = 10


def search_version(stack: Stack, index: str, document_id: str) -> int | None:
    """Return the version of a document, which is the position of the change that wrote it; ``None`` if it is missing.

    Raises ``Trouble`` where the domain refuses, or does not answer.
    """
    asked = json.dumps({"docs": [{"_id": document_id, "_source": False}]}).encode()
    status, answer = _post(stack, f"/{index}/_mget", asked)
    if status == 404:
        return None
    if status in (401, 403):
        raise Trouble(Exit.NOT_PERMITTED, f"not permitted: es:ESHttpPost on {index}/_mget of {_endpoint(stack)}")
    if status != 200:
        raise Trouble(Exit.REFUSED, f"the search domain answers {status}")
    (found,) = answer["docs"]
    return int(found["_version"]) if found.get("found") else None


def _endpoint(stack: Stack) -> str:
    return stack.output("SearchEndpoint").rstrip("/")


def _post(stack: Stack, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    credentials = stack.target.session().get_credentials()
    if credentials is None:
        raise NoCredentialsError
    request = AWSRequest("POST", _endpoint(stack) + path, {"Content-Type": "application/json"}, body)
    SigV4Auth(credentials.get_frozen_credentials(), "es", stack.region).add_auth(request)
    try:
        answer = URLLib3Session(timeout=TIMEOUT_SECONDS).send(request.prepare())
    except BotoCoreError as error:
        raise Trouble(Exit.REFUSED, f"the search domain did not answer: {error}") from error
    try:
        return answer.status_code, json.loads(answer.content)
    except ValueError:
        return answer.status_code, {}
