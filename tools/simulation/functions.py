"""Lambda in virtual time: functions, their environments, and invocations that end in an answer or in death."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from simulation.deployment import Deployment
from simulation.strands import Killed, Process, Strand, Strands, Waiting

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """A function as its template has it; ``name`` is that of its folder."""

    name: str
    folder: Path
    arn: str
    role_arn: str
    timeout: float
    memory: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How an invocation ended: its answer, or the error that Lambda tells in its place."""

    request_id: str
    answer: Any
    error: str | None = None


class SimulatedInvocation:
    """One invocation; also the context object that the handler gets."""

    def __init__(self, function: "SimulatedFunction", request_id: str, ends_at: float) -> None:
        self.function = function
        self.aws_request_id = request_id
        self.invoked_function_arn = function.settings.arn
        self.function_name = function.settings.name
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = function.settings.memory
        self.records: Sequence[Any] = ()
        self.ended: Ended | None = None
        self._ends_at = ends_at

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._ends_at - self.function.now()) * 1000))


class Sandbox:
    """An execution environment: the function's module with whatever it remembers from one invocation to the next."""

    def __init__(self, process: Process, module: Any) -> None:
        self.process = process
        self.module = module


class SimulatedFunction:
    """One function with its environments. ``invoke`` may be called by the hub or by a strand, and returns at once."""

    def __init__(
        self,
        settings: FunctionSettings,
        deployment: Deployment,
        strands: Strands,
        now: Callable[[], float],
        chance: Random,
    ) -> None:
        self.settings = settings
        self.now = now
        self.invocations = 0
        self.cold_starts = 0
        self.is_broken = False
        """Whether its code cannot be loaded: a deployment that went wrong."""
        self._deployment = deployment
        self._strands = strands
        self._chance = chance
        self._idle: list[Sandbox] = []

    def invoke(self, event: Any, done: Callable[[Ended], None]) -> SimulatedInvocation:
        """Begin an invocation; ``done`` is called in the hub when it has ended."""
        self.invocations += 1
        request_id = f"{self.settings.name}-{self.invocations:06d}"
        invocation = SimulatedInvocation(self, request_id, self.now() + self.settings.timeout)
        if self.is_broken:
            error = {"errorType": "Runtime.ImportModuleError", "errorMessage": "Unable to import module 'app'"}
            self._strands.loop.call_soon(done, Ended(request_id, error, "Unhandled"))
            return invocation
        invocation.records = event.get("Records", ()) if isinstance(event, dict) else ()
        _Run(self, self._environment(), invocation, event, done, self._strands)
        return invocation

    def call(self, event: Any) -> Ended:
        """Invoke and wait for the end, from a strand of another process."""
        strand = self._strands.current()
        assert strand is not None  # noqa: S101 - a strand calls
        waiting, endings = Waiting(strand), list[Ended]()

        def done(ended: Ended) -> None:
            endings.append(ended)
            self._strands.wake(waiting)

        self.invoke(event, done)
        self._strands.wait(waiting, None)
        return endings[0]

    def give_back(self, sandbox: Sandbox) -> None:
        """Keep an environment for the next invocation."""
        self._idle.append(sandbox)

    def retire(self) -> None:
        """Have Lambda do away with every environment that is idle, whatever stands still in it."""
        idle, self._idle = self._idle, []
        for sandbox in idle:
            sandbox.process.kill()

    def _environment(self) -> Sandbox:
        """Return one that is idle, or start a new one."""
        if self._idle:
            sandbox = self._idle.pop(self._chance.randrange(len(self._idle)))
            sandbox.process.thaw()
            return sandbox
        self.cold_starts += 1
        process = Process(self._strands, f"{self.settings.name}#{self.cold_starts}")
        return Sandbox(process, self._deployment.start(self.settings.folder))


class _Run:
    """An invocation on its way through an environment."""

    def __init__(
        self,
        function: SimulatedFunction,
        sandbox: Sandbox,
        invocation: SimulatedInvocation,
        event: Any,
        done: Callable[[Ended], None],
        strands: Strands,
    ) -> None:
        self._function = function
        self._sandbox = sandbox
        self._invocation = invocation
        self._event = event
        self._done = done
        self._timer = strands.loop.call_later(function.settings.timeout, self._time_out)
        self._main: Strand = sandbox.process.start(self._work)
        self._main.of = invocation
        sandbox.process.on_death = self._die

    def _work(self) -> None:
        request_id = self._invocation.aws_request_id
        try:
            answer = self._sandbox.module.lambda_handler(self._event, self._invocation)
            ended = Ended(request_id, json.loads(json.dumps(answer)))
        except Killed:
            raise
        except Exception as error:
            ended = Ended(request_id, {"errorType": type(error).__name__, "errorMessage": str(error)}, "Unhandled")
        self._end(ended)
        self._sandbox.process.on_death = None
        self._sandbox.process.freeze()
        self._function.give_back(self._sandbox)

    def _time_out(self) -> None:
        self._die(f"Task timed out after {self._function.settings.timeout:.2f} seconds")
        self._sandbox.process.on_death = None
        self._sandbox.process.kill()

    def _die(self, reason: str) -> None:
        error = {"errorType": "Sandbox.Timedout", "errorMessage": reason}
        self._end(Ended(self._invocation.aws_request_id, error, "Unhandled"))

    def _end(self, ended: Ended) -> None:
        if self._invocation.ended is None:
            self._invocation.ended = ended
            self._timer.cancel()
            self._done(ended)
