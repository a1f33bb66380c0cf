"""The runtime that a function's configuration names."""

import re

from local_aws.lambda_service.errors import invalid_value
from local_aws.lambda_service.runtimes.node import node_program
from local_aws.lambda_service.runtimes.program import CannotRun, FunctionFiles, Program
from local_aws.lambda_service.runtimes.provided import provided_program
from local_aws.lambda_service.runtimes.python import python_program

_PROGRAMS = {
    r"python3\.\d+": python_program,
    r"nodejs\d+\.x": node_program,
    r"provided(\.al2|\.al2023)?": provided_program,
}
_FAMILIES = r"(dotnet|dotnetcore|go|java|nodejs|provided|python|ruby)[\w.]*"

_SUPPORTED = (
    "Functions run here with the runtimes python3.*, nodejs* (by the node on the PATH), and provided.al2023 or "
    "provided.al2 (by the executable file bootstrap in the function's folder)."
)


def program_of(files: FunctionFiles) -> Program:
    """Return the program that runs a function on this machine. Raise `CannotRun` if there is none."""
    for pattern, program in _PROGRAMS.items():
        if re.fullmatch(pattern, files.runtime):
            return program(files)
    what = f"Runtime {files.runtime}" if files.runtime else "A container image"
    raise CannotRun("InvalidRuntimeException", f"{what} does not run here. {_SUPPORTED}")


def refuse_unknown(runtime: str) -> None:
    """Raise ServiceError InvalidParameterValueException for a runtime that Lambda does not have."""
    if not re.fullmatch(_FAMILIES, runtime):
        raise invalid_value(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must be a runtime of Lambda"
        )
