"""The demo is played once, for the tests that look at what it said."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from isolation.environment import IMPORT_PATH, environment

ROOT = Path(__file__).parents[2]
KILLS = 6
_COMMAND = (
    *(sys.executable, "-m", "demo", "--writes", "200", "--outage-seconds", "4", "--malformed", "4"),
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


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """What became of the demo of which workers were killed."""
    kept = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        (*_COMMAND, "--keep", str(kept)),
        cwd=ROOT,
        env=environment(PYTHONPATH=IMPORT_PATH),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Played(done.returncode, done.stdout, kept)
