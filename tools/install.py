"""``python tools/install.py REQUIREMENTS``: install a lock file into this interpreter's environment, showing progress.

Needs nothing but pip. On a terminal it keeps one line up to date; elsewhere it prints a line per phase.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# No dependencies: a lock file lists them all. Not compiled: Python compiles what it imports.
INSTALL = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")
OPTIONS = ("--require-hashes", "--no-deps", "--no-compile", "--requirement")
COLLECTING, INSTALLING = "Collecting ", "Installing collected packages"


def main(requirements: str) -> int:
    """Return pip's exit code; its errors go to the terminal."""
    lines = Path(requirements).read_text().splitlines()
    total = sum("==" in line and not line.startswith((" ", "#")) for line in lines)
    with subprocess.Popen([*INSTALL, *OPTIONS, requirements], stdout=subprocess.PIPE, text=True) as pip:
        _show(pip.stdout or (), total, on_terminal=sys.stdout.isatty())
    return pip.returncode


def _show(output: Iterable[str], total: int, *, on_terminal: bool) -> None:
    fetched = 0
    for line in output:
        if line.startswith(COLLECTING):
            fetched += 1
            if on_terminal:
                package = line.removeprefix(COLLECTING).split()[0]
                print(f"\r\x1b[K  {fetched} of {total}: {package}", end="", flush=True)
            elif fetched == 1:
                print(f"  fetching {total} packages", flush=True)
        elif line.startswith(INSTALLING):
            print("\r\x1b[K" * on_terminal + f"  installing {fetched} packages", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next make starts this environment over.")
