"""Endpoints that other programs of the same user find."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local_aws.announcement import FOLDER, announced, running
from streamctl.exits import Exit, Trouble
from streamctl.place import LOCAL_ENDPOINT, endpoint_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "endpoints"))
    return tmp_path / "endpoints"


def leave(folder: Path, port: int, content: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{port}.json").write_text(content)


@contextmanager
def another() -> Iterator[str]:
    """What looks like one more endpoint."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"refusals": []}')

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_without_an_endpoint_the_usual_address_is_meant(folder: Path) -> None:
    assert endpoint_of(None, local=True) == LOCAL_ENDPOINT


def test_the_one_that_runs_is_found_until_it_ends(folder: Path, endpoint: str) -> None:
    with announced(endpoint):
        found = endpoint_of(None, local=True)

    assert found == endpoint
    assert running() == []


def test_an_address_that_is_given_wins(folder: Path, endpoint: str) -> None:
    with announced(endpoint):
        assert endpoint_of("http://127.0.0.1:9", local=True) == "http://127.0.0.1:9"


def test_of_several_one_has_to_be_chosen(folder: Path, endpoint: str) -> None:
    with announced(endpoint), another() as other:
        leave(folder, 1, json.dumps({"url": other, "pid": os.getpid()}))
        with pytest.raises(Trouble, match="2 local endpoints run") as refused:
            endpoint_of(None, local=True)

    assert refused.value.code is Exit.USAGE
    assert f"--endpoint {endpoint}" in refused.value.hint


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"url": "http://127.0.0.1:9", "pid": os.getpid()}),
        json.dumps({"url": "http://example.com", "pid": 1}),
        json.dumps(["http://127.0.0.1:9"]),
        "half {",
        "\x00",
    ],
    ids=["killed", "elsewhere", "an array", "half", "binary"],
)
def test_a_file_without_an_endpoint_is_passed_over(folder: Path, content: str, endpoint: str) -> None:
    leave(folder, 9, content)

    with announced(endpoint):
        assert running() == [endpoint]


def test_the_files_of_processes_that_are_gone_are_removed(folder: Path, endpoint: str) -> None:
    leave(folder, 9, json.dumps({"url": "http://127.0.0.1:9", "pid": 2**22 + 1}))  # above the greatest process id

    with announced(endpoint):
        assert not (folder / "9.json").exists()
