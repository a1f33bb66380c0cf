"""What a runtime is given of a function, and what it answers: a program, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin"
"""PATH as Lambda sets it."""


@dataclass(frozen=True, slots=True)
class FunctionFiles:
    """The part of a function version that decides which program runs it."""

    runtime: str  # the empty string for a container image
    handler: str
    code: Path
    layers: tuple[Path, ...]  # the folder of each layer's content, in the function's order
    read_only: bool  # some of the folders are someone's source tree: write nothing into it
    variables: Mapping[str, str]  # of the function's configuration


@dataclass(frozen=True, slots=True)
class Program:
    """A command, and the environment variables that belong to its language. It speaks the Lambda Runtime API."""

    command: tuple[str, ...]
    variables: Mapping[str, str]
    notice: str | None = None  # what differs here from the runtime on AWS


class CannotRun(Exception):
    """This machine has no program for the function; the message says what to do. `error_type` is Lambda's."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
