"""The demo plays beside the other tests, from the beginning of the run: it waits most of its time."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 10
_COMMAND = (
    *(sys.executable, "-m", "demo", "--writes", "500", "--outage-seconds", "4", "--malformed", "4"),
    *("--kill-workers", str(KILLS)),
)


@dataclass(frozen=True, slots=True)
class Played:
    """The demo's exit code, all that it said, and the folder with what it kept."""

    returncode: int
    output: str
    kept: Path

    @property
    def log(self) -> str:
        """All that the functions logged."""
        return (self.kept / "runtime.log").read_text()

    @property
    def calls(self) -> dict[str, Any]:
        """All that the functions asked of AWS, and all that their roles allow."""
        document: dict[str, Any] = json.loads((self.kept / "calls.json").read_text())
        return document


class Performance:
    """The demo in a process of its own."""

    def __init__(self) -> None:
        path = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "layers/changestream"))
        environment = os.environ | {"PYTHONPATH": path}
        self._output = TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        self._folder = TemporaryDirectory()
        self._process = subprocess.Popen(
            (*_COMMAND, "--keep", self._folder.name),
            cwd=ROOT,
            env=environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def played(self) -> Played:
        """Wait for its end."""
        code = self._process.wait()
        self._output.seek(0)
        return Played(code, self._output.read(), Path(self._folder.name))

    def close(self) -> None:
        """End it, if the run is over before it."""
        self._process.terminate()
        self._process.wait()
        self._output.close()
        self._folder.cleanup()


_PERFORMANCE = pytest.StashKey[Performance]()


def pytest_collection_finish(session: pytest.Session) -> None:
    wanted = any(Path(__file__).parent in item.path.parents for item in session.items)
    if wanted and not session.config.option.collectonly:
        session.config.stash[_PERFORMANCE] = performance = Performance()
        session.config.add_cleanup(performance.close)


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Played:
    """What became of the demo of which workers were killed."""
    return request.config.stash[_PERFORMANCE].played()
