"""Judges each request by its head, before its body is read: who sends it, and how much it may send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from moto.s3.models import s3_backends

from .body_limits import largest_body
from .cors import CorsRule, Headers, bucket_rules, granted, preflight
from .gate import foreign_page, host_name, is_local
from .http_errors import BadRequest, EarlyAnswer
from .http_requests import TARGET_AUTHORITY, Environ

CORS_HEADERS = "local_aws.cors"
"""Entry of the environ: the headers that let the page of another origin read the answer."""

ONLY_BUCKET = "local_aws.only_bucket"
"""Entry of the environ: the request is let in by this bucket's CORS configuration, so only S3 may answer it."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_HOST = re.compile(r"(?P<bucket>.+)\.s3(?:\.[a-z0-9-]+)?\.amazonaws\.com")
_API_HOST = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")
_PATH_STYLE = ("localhost", "host.docker.internal")
"""Beginnings of host names before which no bucket's name stands; moto has the same rule."""


class Apis(Protocol):
    """What is asked of the HTTP APIs."""

    def has(self, api_id: str) -> bool: ...

    def cors_rules(self, environ: Mapping[str, Any]) -> list[CorsRule] | None: ...


class Admission:
    """Return the largest body of a request, or raise `EarlyAnswer` for one that is not let in."""

    def __init__(self, account_id: str, apis: Apis) -> None:
        self._account_id = account_id
        self._apis = apis

    def __call__(self, environ: Environ) -> int:
        for authority in (environ.get("HTTP_HOST", ""), environ.get(TARGET_AUTHORITY)):
            if authority is not None and not self._is_own(authority):
                raise EarlyAnswer(
                    403, f"Host {authority!r} is no name of this endpoint: use 127.0.0.1 or localhost and its port"
                )
        if (said := foreign_page(environ)) is not None:
            self._admit_page(environ, said)
        return largest_body(environ)

    def _is_own(self, authority: str) -> bool:
        """Tell whether a host is this machine, or a name that the endpoint hands out for a bucket or an API."""
        name = host_name(authority)
        if name is None:
            return False
        if is_local(name):
            return True
        if found := _BUCKET_HOST.fullmatch(name):
            return found["bucket"] in self._buckets()
        found = _API_HOST.fullmatch(name)
        return found is not None and self._apis.has(found["api"])

    def _admit_page(self, environ: Environ, said: str) -> None:
        """Let a page of another origin in if the bucket or the API that it asks says so by its CORS configuration."""
        origin, method = environ.get("HTTP_ORIGIN"), environ["REQUEST_METHOD"]
        rules = [] if origin is None else self._rules(environ)
        wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
        headers: Headers | None
        if rules and method == "OPTIONS" and wanted is not None:
            asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
            headers = preflight(rules, str(origin), wanted, asked)
            if headers is not None:
                raise EarlyAnswer(204, "", headers)
        headers = granted(rules, str(origin), method)
        if headers is None:
            raise EarlyAnswer(403, f"this endpoint serves no page of another origin ({said})")
        environ[CORS_HEADERS] = headers

    def _rules(self, environ: Environ) -> list[CorsRule]:
        rules = self._apis.cors_rules(environ)
        if rules is not None:
            return rules
        bucket = _bucket_of(environ)
        kept = self._buckets().get(bucket)
        # A copy reads another bucket, which this one's configuration does not speak for.
        if kept is None or "HTTP_X_AMZ_COPY_SOURCE" in environ:
            return []
        environ[ONLY_BUCKET] = bucket
        return bucket_rules(kept.cors)

    def _buckets(self) -> dict[str, Any]:
        return s3_backends[self._account_id]["aws"].buckets


def _bucket_of(environ: Mapping[str, Any]) -> str:
    """Return the name of the bucket that S3 takes the request for, by its host or its path; empty for none."""
    name = host_name(environ["HTTP_HOST"])
    if name is None:
        raise BadRequest("Host is malformed")
    if found := _BUCKET_HOST.fullmatch(name):
        return found["bucket"]
    if name.endswith(".localhost") and not name.startswith(_PATH_STYLE):
        bucket = name.removeprefix("www.").partition(".")[0]
    else:
        bucket = str(environ["PATH_INFO"]).lstrip("/").partition("/")[0]
    return bucket if _BUCKET.fullmatch(bucket) else ""
