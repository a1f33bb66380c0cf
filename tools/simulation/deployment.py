"""The code of the functions and of the layer, as a copy of the simulation's own that lives in virtual time.

The modules are the deployed ones, unchanged. They are executed once more with an ``import`` of their own, which gives
them stand-ins for time, threads and telemetry: nothing outside the simulation notices, and nothing has to be patched.
"""

import builtins
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

from simulation import threading_in_strands as stand_ins
from simulation.foreign import client as boto3
from simulation.telemetry import Metrics, QuietLogger

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "changestream"
PACKAGES = frozenset(path.name for path in LAYER.iterdir() if (path / "__init__.py").exists())

STAND_INS: Mapping[str, Any] = {
    "time": SimpleNamespace(time=stand_ins.time, sleep=stand_ins.sleep),
    "threading": stand_ins,
    "concurrent.futures": stand_ins,
    "boto3": boto3,
    "aws_lambda_powertools": SimpleNamespace(Logger=QuietLogger, Metrics=Metrics),
}


class Deployment:
    """The layer's modules, which all functions share, and those of functions, of which each environment has its own."""

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}
        self._code: dict[Path, CodeType] = {}

    def module(self, name: str) -> Any:
        """Return a module of the layer, such as ``changestream.core.position``."""
        if name not in self._modules:
            path = LAYER.joinpath(*name.split("."))
            is_package = path.is_dir()
            module = ModuleType(name)
            self._modules[name] = module
            self.execute(module, path / "__init__.py" if is_package else path.with_suffix(".py"), self.import_)
            parent, _, own = name.rpartition(".")
            if parent:
                setattr(self.module(parent), own, module)
        return self._modules[name]

    def start(self, folder: Path) -> Any:
        """Return the module of a function's folder as a new execution environment imports it."""
        return Environment(self, folder).module("app")

    def execute(self, module: ModuleType, path: Path, import_: Callable[..., Any]) -> None:
        """Run the code of a file in ``module``, whose import statements call ``import_``."""
        if path not in self._code:
            self._code[path] = compile(path.read_text(encoding="utf-8"), path, "exec", dont_inherit=True)
        vars(module)["__builtins__"] = vars(builtins) | {"__import__": import_}
        exec(self._code[path], vars(module))  # noqa: S102 - the project's own code

    def import_(
        self,
        name: str,
        variables: Mapping[str, Any] | None = None,
        local: Mapping[str, Any] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Stand for ``__import__`` in this copy: absolute names, and nothing of the package as a whole."""
        if name in STAND_INS:
            return STAND_INS[name]
        if name.partition(".")[0] not in PACKAGES:
            return builtins.__import__(name, variables, local, wanted or (), level)
        module = self.module(name)
        for one in wanted or ():
            if not hasattr(module, one):
                self.module(f"{name}.{one}")
        return module


class Environment:
    """An execution environment: the modules in a function's folder, which import one another by their bare names."""

    def __init__(self, deployment: Deployment, folder: Path) -> None:
        self._deployment = deployment
        self._folder = folder
        self._modules: dict[str, ModuleType] = {}

    def module(self, name: str) -> Any:
        """Return a module of the folder, such as ``app``."""
        if name not in self._modules:
            self._modules[name] = ModuleType(f"functions.{self._folder.name}.{name}")
            self._deployment.execute(self._modules[name], self._folder / f"{name}.py", self._import)
        return self._modules[name]

    def _import(self, name: str, *more: Any) -> Any:
        if (self._folder / f"{name}.py").exists():
            return self.module(name)
        return self._deployment.import_(name, *more)
