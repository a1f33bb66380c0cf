"""The code of the functions and of the layer, as a copy of this simulation's own that lives in virtual time.

The modules are the deployed ones, unchanged. They are imported once more, under stand-ins for time and threads, and
beside those that the rest of the process may have imported: nothing outside the simulation notices.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import aws_lambda_powertools
import aws_lambda_powertools.utilities.idempotency
import botocore.httpsession
import boto3

from simulation import threading_in_strands as stand_ins
from simulation.telemetry import Metrics, QuietLogger

ROOT = Path(__file__).parents[2]
PACKAGE = "changestream"


class Deployment:
    """Every function's code, and the layer's; ``module`` returns one of the layer by its name."""

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}
        self._code = {path.parent.name: path for path in sorted((ROOT / "functions").glob("*/app.py"))}

    def module(self, name: str) -> Any:
        """Return a module of the layer, such as ``changestream.core.position``."""
        if name not in self._modules:
            with self._imported():
                __import__(name)
        return self._modules[name]

    def start(self, function: str) -> Any:
        """Return the function's module as a new execution environment imports it."""
        spec = spec_from_file_location(f"simulated_{function}", self._code[function])
        if spec is None or spec.loader is None:
            raise ImportError(f"{self._code[function]} is no module")
        module = module_from_spec(spec)
        with self._imported():
            spec.loader.exec_module(module)
        return module

    @contextmanager
    def _imported(self) -> Iterator[None]:
        """Let the package's name mean this copy, and what it imports of time and threads the stand-ins."""
        others = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_of_the_package(name)}
        sys.modules.update(self._modules)
        try:
            with _standing_in():
                yield
        finally:
            self._modules |= {name: sys.modules.pop(name) for name in list(sys.modules) if _is_of_the_package(name)}
            sys.modules.update(others)


def _is_of_the_package(name: str) -> bool:
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


@contextmanager
def _standing_in() -> Iterator[None]:
    with (
        mock.patch("time.time", stand_ins.time),
        mock.patch("time.sleep", stand_ins.sleep),
        mock.patch("threading.Event", stand_ins.Event),
        mock.patch("threading.Lock", stand_ins.Lock),
        mock.patch("threading.Thread", stand_ins.Thread),
        mock.patch("concurrent.futures.ThreadPoolExecutor", stand_ins.ThreadPoolExecutor),
        mock.patch.object(aws_lambda_powertools, "Logger", QuietLogger),
        mock.patch.object(aws_lambda_powertools, "Metrics", Metrics),
    ):
        yield
