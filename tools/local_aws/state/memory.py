"""One endpoint's state: taken back when it starts, gathered for each snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import scope
from .directory import StateDirectory

if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from ..lambda_service import LambdaService


class Memory:
    def __init__(self, state: StateDirectory, endpoint: Endpoint, functions: LambdaService) -> None:
        self._state = state
        self._endpoint = endpoint
        self._functions = functions

    def recall(self) -> None:
        """Take back what the folder holds, and keep what happens from now on; before the endpoint serves."""
        own = self._endpoint.services.own() | {"keeper": self._state}
        snapshot = self._state.load(own)
        if snapshot is not None:
            scope.restore(snapshot["backends"])
            self._endpoint.services.capture.restore(snapshot["capture"])
            self._endpoint.services.restore_tokens(self._state.notes.get("token", {}))
            self._endpoint.outputs |= snapshot["outputs"]
            self._functions.restore(snapshot["functions"], self._state.notes.get("checkpoints", {}))
        self._state.begin(self._gathered)

    @contextmanager
    def _gathered(self) -> Iterator[dict[str, Any]]:
        """Everything, while it is held still."""
        with self._functions.lock, self._endpoint.services.at_rest():
            yield {
                "backends": scope.backends(),
                "capture": self._endpoint.services.capture.snapshot(),
                "outputs": self._endpoint.outputs,
                "functions": self._functions.snapshot(),
            }
