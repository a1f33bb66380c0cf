"""``python -I -m isolation [--registry] COMMAND…``: run a command in the isolated environment.

``make`` runs everything through it. ``-I`` keeps PYTHONPATH and PYTHONSTARTUP from this interpreter too. The command
takes the place of this process, so signals reach it.
"""

import os
import shutil
import sys
from pathlib import Path

from isolation.environment import environment, registry_environment


def main(arguments: list[str]) -> None:
    """Replace this process by the command; exit with 1 if there is no such program."""
    registry = arguments[:1] == ["--registry"]
    command = arguments[registry:]
    variables = registry_environment() if registry else environment()
    beside = Path(sys.executable).parent
    variables["PATH"] = os.pathsep.join(filter(None, [str(beside), variables.get("PATH", "")]))
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        sys.exit(f"isolation: there is no program {command[0]}")
    os.execve(program, command, variables)  # noqa: S606 - the command is what the Makefile says


if __name__ == "__main__":
    main(sys.argv[1:])
