"""Functions that bring their own runtime: the executable `bootstrap` in their folder or in a layer."""

import os

from local_aws.lambda_service.runtimes.program import SYSTEM_PATH, CannotRun, FunctionFiles, Program

_NAME = "bootstrap"


def provided_program(files: FunctionFiles) -> Program:
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html; raise `CannotRun` without a bootstrap."""
    folders = [files.code, *reversed(files.layers)]
    places = [folder / _NAME for folder in folders]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise CannotRun(
            "Runtime.InvalidEntrypoint",
            f"Couldn't find valid bootstrap(s): [{' '.join(str(place) for place in places)}]. Build the function, and "
            "name the folder of the build as its code.",
        )
    if not os.access(found, os.X_OK):
        raise CannotRun("Runtime.InvalidEntrypoint", f"{found} is not executable: run chmod +x {found}.")
    return Program((str(found),), {"LAMBDA_RUNTIME_DIR": str(found.parent), "PATH": SYSTEM_PATH})
