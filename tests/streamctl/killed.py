"""Commands in a process of their own, killed at a point that a test names."""

import signal
import subprocess
import sys
from pathlib import Path

from isolation.environment import IMPORT_PATH, environment

from .world import Deployed

DYING = Path(__file__).parent / "dying.py"


def killed(deployed: Deployed, where: str, nth: int, *arguments: str) -> None:
    """Run a command in a process of its own that is killed (SIGKILL) when it is for the n-th time at a point."""
    command = [sys.executable, str(DYING), where, str(nth), *arguments]
    command += ["--endpoint", deployed.endpoint, "--stack", deployed.name, "--apply"]
    variables = environment(PYTHONPATH=IMPORT_PATH)
    ended = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
