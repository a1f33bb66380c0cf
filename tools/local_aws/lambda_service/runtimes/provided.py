"""Functions that bring their own runtime: the executable `bootstrap` in their folder or in a layer."""

import os
import platform
import sys
from pathlib import Path

from local_aws.lambda_service.runtimes.program import SYSTEM_PATH, CannotRun, FunctionFiles, Program

_NAME = "bootstrap"
_HEAD_BYTES = 256
_ELF = b"\x7fELF"
_MACHINES = {0x3E: ("x86_64", "amd64"), 0xB7: ("aarch64", "arm64")}
"""The machines that Lambda has, by their number in the header of a Linux program (e_machine at byte 18)."""


def provided_program(files: FunctionFiles) -> Program:
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html; raise `CannotRun` without a usable one."""
    places = [folder / _NAME for folder in (files.code, *reversed(files.layers))]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise _invalid(
            f"Couldn't find valid bootstrap(s): [{' '.join(str(place) for place in places)}]. Build the function, and "
            "name the folder of the build as its code."
        )
    if not os.access(found, os.X_OK):
        raise _invalid(
            f"{found} is not executable. Run chmod +x on it, or on the file that was packed into the archive."
        )
    _check_format(found)
    return Program((str(found),), {"LAMBDA_RUNTIME_DIR": str(found.parent), "PATH": SYSTEM_PATH})


def _check_format(found: Path) -> None:
    """Raise `CannotRun` for a file that the system cannot execute."""
    with found.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_ELF):
        machines = _MACHINES.get(int.from_bytes(head[18:20], "little"), ())
        if sys.platform != "linux" or platform.machine().lower() not in machines:
            raise _invalid(
                f"{found} is a program for Linux on {' or '.join(machines) or 'an unknown processor'}, which this "
                "machine cannot run. Build it for this machine."
            )
    elif not head.startswith(b"#!") and b"\0" not in head:
        raise _invalid(f"{found} is a script without an interpreter: begin it with a line such as #!/bin/sh.")


def _invalid(message: str) -> CannotRun:
    return CannotRun("Runtime.InvalidEntrypoint", message)
