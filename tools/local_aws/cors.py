"""Which pages of other origins a bucket or an HTTP API lets in, and the headers that tell their browser so.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

type Headers = tuple[tuple[str, str], ...]

_ANY = "*"


@dataclass(frozen=True, slots=True)
class CorsRule:
    """One rule of a CORS configuration; `*` stands for any text in an origin or a header's name."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: str = ""
    credentials: bool = False

    def allows(self, origin: str, method: str) -> bool:
        return _matches(origin, self.origins) and (method in self.methods or _ANY in self.methods)

    def allows_headers(self, names: Iterable[str]) -> bool:
        allowed = [each.lower() for each in self.headers]
        return all(_matches(name.lower(), allowed) for name in names)

    def answer_headers(self, origin: str) -> Headers:
        """Return the headers of the answer to a request that the rule allows."""
        plain = _ANY in self.origins and not self.credentials
        headers = [("Access-Control-Allow-Origin", _ANY if plain else origin), ("Vary", "Origin")]
        if self.credentials:
            headers.append(("Access-Control-Allow-Credentials", "true"))
        if self.exposed:
            headers.append(("Access-Control-Expose-Headers", ", ".join(self.exposed)))
        return tuple(headers)


def granted(rules: Sequence[CorsRule], origin: str, method: str) -> Headers | None:
    """Return the headers that the first matching rule adds to an answer, None if no rule allows the request."""
    rule = next((each for each in rules if each.allows(origin, method)), None)
    return None if rule is None else rule.answer_headers(origin)


def preflight(rules: Sequence[CorsRule], origin: str, method: str, headers: str) -> Headers | None:
    """Answer a preflight request for `method` with these `headers` (a comma-separated list), None to refuse it."""
    names = [each.strip() for each in headers.split(",") if each.strip()]
    rule = next((each for each in rules if each.allows(origin, method) and each.allows_headers(names)), None)
    if rule is None:
        return None
    found = [*rule.answer_headers(origin), ("Access-Control-Allow-Methods", ", ".join(rule.methods))]
    if names:
        found.append(("Access-Control-Allow-Headers", ", ".join(names)))
    if rule.max_age:
        found.append(("Access-Control-Max-Age", rule.max_age))
    return tuple(found)


def bucket_rules(kept: Iterable[Any]) -> list[CorsRule]:
    """Read the rules of a bucket as moto keeps them. S3 lets a page send credentials unless any origin is allowed."""
    rules = []
    for each in kept:
        origins = _texts(each.allowed_origins)
        rules.append(
            CorsRule(
                origins,
                _texts(each.allowed_methods),
                _texts(each.allowed_headers),
                _texts(each.exposed_headers),
                str(each.max_age_seconds or ""),
                credentials=_ANY not in origins,
            )
        )
    return rules


def api_rules(configuration: Mapping[str, Any] | None) -> list[CorsRule]:
    """Read the CORS configuration of an HTTP API, in the shape of its API on the wire."""
    if not isinstance(configuration, Mapping) or not configuration:
        return []
    max_age = configuration.get("maxAge")
    return [
        CorsRule(
            _texts(configuration.get("allowOrigins")),
            _texts(configuration.get("allowMethods")),
            _texts(configuration.get("allowHeaders")),
            _texts(configuration.get("exposeHeaders")),
            "" if max_age is None else str(max_age),
            str(configuration.get("allowCredentials", "")).lower() == "true",
        )
    ]


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)


def _matches(text: str, patterns: Iterable[str]) -> bool:
    # In `fnmatch` brackets and question marks have a meaning, here only the star does.
    return any(fnmatchcase(text, each.replace("[", "[[]").replace("?", "[?]")) for each in patterns)
