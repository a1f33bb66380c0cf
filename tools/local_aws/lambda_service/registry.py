"""The functions of one endpoint, with their versions and aliases. Any thread may use it."""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.lambda_service.artifacts import Artifact
from local_aws.lambda_service.errors import LambdaError, conflict, function_not_found, not_found
from local_aws.lambda_service.names import LATEST, Account, FunctionName
from local_aws.lambda_service.spec import WorkerSpec


@dataclass(frozen=True, slots=True)
class FunctionVersion:
    """One version, frozen when it was made; $LATEST is replaced by a new value at every update."""

    configuration: Mapping[str, Any]
    code: Artifact
    layers: tuple[Path, ...] = ()
    layers_in_place: bool = False

    def spec(self) -> WorkerSpec:
        return WorkerSpec(self.configuration, self.code.folder, self.layers, self.code.in_place or self.layers_in_place)


@dataclass(slots=True)
class RegisteredFunction:
    """A function and all that hangs on its name."""

    name: str
    latest: FunctionVersion
    published: dict[str, FunctionVersion] = field(default_factory=dict)
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str | None, dict[str, dict[str, Any]]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    event_invoke: dict[str | None, dict[str, Any]] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    last_version: int = 0
    published_revision: str | None = None  # of the $LATEST that the last version was made from

    def version(self, number: str) -> FunctionVersion | None:
        return self.latest if number == LATEST else self.published.get(number)

    def versions(self) -> list[FunctionVersion]:
        return [self.latest, *self.published.values()]


class FunctionRegistry:
    """Finds functions; `lock` is held by whoever changes one."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.lock = threading.RLock()
        self._functions: dict[str, RegisteredFunction] = {}
        self._chance = random.Random(0)  # noqa: S311 - the same in every run

    def snapshot(self) -> dict[str, RegisteredFunction]:
        """All functions, as `restore` takes them."""
        return self._functions

    def restore(self, snapshot: dict[str, RegisteredFunction]) -> None:
        self._functions = snapshot

    def add(self, function: RegisteredFunction) -> None:
        with self.lock:
            if function.name in self._functions:
                raise conflict(f"Function already exist: {function.name}")
            self._functions[function.name] = function

    def remove(self, name: str) -> None:
        with self.lock:
            del self._functions[name]

    def names(self) -> list[str]:
        with self.lock:
            return sorted(self._functions)

    def notices(self) -> dict[str, list[str]]:
        """Return the notices about functions that run otherwise than on AWS, or not at all, with their names."""
        found: dict[str, list[str]] = {}
        for name in self.names():
            notice = self.function(FunctionName(name, None)).latest.spec().notice()
            if notice is not None:
                found.setdefault(notice, []).append(name)
        return found

    def function(self, called: FunctionName) -> RegisteredFunction:
        """The function meant; raises ResourceNotFoundException."""
        with self.lock:
            function = self._functions.get(called.name)
        if function is None:
            raise self._missing(called)
        return function

    def resolve(self, called: FunctionName) -> tuple[RegisteredFunction, FunctionVersion]:
        """The version meant, through an alias if need be; raises ResourceNotFoundException."""
        with self.lock:
            function = self.function(called)
            number = called.qualifier or LATEST
            if number in function.aliases:
                number = function.aliases[number]["FunctionVersion"]
            version = function.version(number)
            if version is None:
                raise self._missing(called)
            return function, version

    def drawn(self, called: FunctionName) -> tuple[RegisteredFunction, FunctionVersion]:
        """The version that one invocation goes to: of an alias with two, either by chance, as their weights say."""
        with self.lock:
            function, version = self.resolve(called)
            alias = function.aliases.get(called.qualifier or LATEST, {})
            for number, weight in alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}).items():
                second = function.version(number)
                if second is not None and self._chance.random() < weight:
                    return function, second
            return function, version

    def alias(self, called: FunctionName, name: str) -> dict[str, Any]:
        found = self.function(called).aliases.get(name)
        if found is None:
            raise not_found(f"Cannot find alias arn: {self.account.function_arn(called.name, name)}")
        return found

    def _missing(self, called: FunctionName) -> LambdaError:
        return function_not_found(self.account.function_arn(called.name, called.qualifier))
