"""Who may talk to the endpoint: pure decisions on the `Host`, `Origin`, `Referer` and `Sec-Fetch-Site` of a request.

The endpoint runs code for whoever may call it, and checks no signature. A web page can have the developer's browser
send requests to it, so what a browser says about the page decides:

- A foreign `Host` means that another name leads to this machine (DNS rebinding).
- A foreign `Origin` or `Referer`, or any `Sec-Fetch-Site` but `same-origin` and `none`, means that another page asks.
  https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_LOCAL_NAME = re.compile(rf"(?:{_LABEL}\.)*localhost|host\.docker\.internal")
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@/\\?#\s]+)(?::([0-9]{1,5}))?", re.ASCII)
_OWN_FETCHES = frozenset({"same-origin", "none"})


@lru_cache(maxsize=256)
def host_name(authority: str) -> str | None:
    """Return the host of `host[:port]` in lower case, without a last dot; None if it is malformed."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None or not 1 <= int(found[2] or 80) <= 65_535:
        return None
    name = found[1].lower()
    if name.startswith("["):
        return name
    name = name.removesuffix(".")
    return name if _NAME.fullmatch(name) else None


@lru_cache(maxsize=256)
def is_local(name: str) -> bool:
    """Tell whether a host name, as `host_name` returns it, means this machine by itself, whatever DNS says."""
    if _LOCAL_NAME.fullmatch(name):
        return True
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def foreign_page(environ: Mapping[str, Any]) -> str | None:
    """Return which header says that a page of another origin asks, and what it says; None if no header does."""
    own = _origin(f"http://{environ.get('HTTP_HOST', '')}")
    for name, key in (("Origin", "HTTP_ORIGIN"), ("Referer", "HTTP_REFERER")):
        value = environ.get(key)
        if value is not None and (own is None or _origin(str(value)) != own):
            return f"{name}: {value}"
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None and site not in _OWN_FETCHES:
        return f"Sec-Fetch-Site: {site}"
    return None


def _origin(url: str) -> tuple[str, int] | None:
    """Return host and port of a plain http URL, None for anything else: every other origin is foreign."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    name = host_name(parts.netloc)
    return (name, 80 if port is None else port) if parts.scheme == "http" and name is not None else None
