"""The demo is played once, for the tests that look at what it said."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 10
_COMMAND = (
    *(sys.executable, "-m", "demo", "--writes", "300", "--outage-seconds", "4", "--malformed", "4"),
    *("--kill-workers", str(KILLS)),
)


@dataclass(frozen=True, slots=True)
class Played:
    """The demo's exit code, and all that it said."""

    returncode: int
    output: str


@pytest.fixture(scope="session")
def played() -> Played:
    """What became of the demo of which workers were killed."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "layers/changestream"))
    done = subprocess.run(
        _COMMAND,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Played(done.returncode, done.stdout)
