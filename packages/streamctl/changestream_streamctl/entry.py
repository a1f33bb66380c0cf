"""The console script. It finds the project's packages in this package, and nowhere else."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent / "project"


def main() -> None:
    """Run ``streamctl``. The project's packages have common names (``tasks``), and come before any others."""
    sys.path[:0] = [str(PROJECT / "tools"), str(PROJECT / "layers" / "changestream")]
    from streamctl.__main__ import main as run

    run()
