"""The tasks' API as a client calls it: signed requests in JSON."""

import json
from dataclasses import dataclass
from time import sleep
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from demo.runtime import ServedStack
from isolation.environment import REGION

ATTEMPTS, PAUSE_SECONDS = 5, 0.3
SERVER_ERROR = 500

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A status, the entity tag that came with it, and the document, empty for none."""

    status: int
    etag: str
    document: Document


class ApiClient:
    """Calls the API of a stack."""

    def __init__(self, runtime: ServedStack) -> None:
        self._url = runtime.outputs["TasksApiUrl"]
        self._http = urllib3.PoolManager(timeout=60)
        self._signer = SigV4Auth(Credentials("local", "local"), "execute-api", REGION)

    def ask(self, method: str, path: str, document: Document | None = None, **headers: str) -> ApiAnswer:
        """Make a request; headers are named with underscores for hyphens.

        Any request may be made again, so one that failed on the other side is: its worker may have been killed.
        """
        for _ in range(ATTEMPTS):
            answer = self._ask(method, path, document, **headers)
            if answer.status < SERVER_ERROR:
                break
            sleep(PAUSE_SECONDS)
        return answer

    def pages(self, path: str, name: str, limit: int) -> list[Document]:
        """Return what all pages of a listing have under a name."""
        found: list[Document] = []
        cursor = ""
        while cursor is not None:
            page = self.ask("GET", f"{path}?limit={limit}{cursor}").document
            found += page[name]
            cursor = page["nextCursor"] and f"&cursor={page['nextCursor']}"
        return found

    def _ask(self, method: str, path: str, document: Document | None = None, **headers: str) -> ApiAnswer:
        body = None if document is None else json.dumps(document)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            given["Content-Type"] = "application/json"
        request = AWSRequest(method, self._url + path, given, body)
        self._signer.add_auth(request)
        answer = self._http.request(method, self._url + path, body=body, headers=dict(request.headers.items()))
        return ApiAnswer(answer.status, answer.headers.get("ETag", ""), json.loads(answer.data) if answer.data else {})
