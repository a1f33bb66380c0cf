"""How a running endpoint is found by other programs of the same user: each has a file that names its address."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

FOLDER = "LOCAL_AWS_ENDPOINTS"
"""In the environment: the folder of the files, if not the usual one."""

PATIENCE_SECONDS = 5.0


def folder() -> Path:
    """Return the folder of the files: in the user's runtime folder, or in their cache."""
    if given := os.environ.get(FOLDER):
        return Path(given)
    usual = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(usual) / "changestream" / "endpoints"


@contextmanager
def announced(url: str) -> Iterator[None]:
    """Let other programs find an endpoint. Raises ``OSError`` if its file cannot be written.

    A killed endpoint leaves its file: ``running`` asks each address, and the next endpoint removes the file.
    """
    where = folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in where.glob("*.json"):
        if not _is_alive(_read(old).get("pid")):
            old.unlink(missing_ok=True)
    file = where / f"{urlsplit(url).port}.json"
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    unfinished.replace(file)
    try:
        yield
    finally:
        if _read(file).get("pid") == os.getpid():  # the port may be another endpoint's by now
            file.unlink(missing_ok=True)


def running() -> list[str]:
    """Return the addresses of the endpoints that have a file and answer."""
    with suppress(OSError):
        found = sorted({str(_read(file).get("url")) for file in folder().glob("*.json")})
        return [url for url in found if url.startswith("http://127.0.0.1:") and _answers(url)]
    return []


def _read(file: Path) -> dict[str, object]:
    """Return what a file says; nothing for one that is gone, or that something else wrote."""
    with suppress(OSError, ValueError):
        found = json.loads(file.read_text())
        return found if isinstance(found, dict) else {}
    return {}


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _answers(url: str) -> bool:
    """Tell whether an endpoint of ours listens: another program may have the port of a killed one."""
    try:
        with urlopen(f"{url}/_local/refusals", timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - http on this machine
            return "refusals" in json.load(answer)
    except (OSError, ValueError, TypeError, HTTPException):
        return False
