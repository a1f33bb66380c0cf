"""One process that runs one function version, one invocation at a time."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any

from isolation.guardian import announcing, guardian
from local_aws.lambda_service.exits import exited
from local_aws.lambda_service.invocation import WorkerAnswer, WorkerOutcome, WorkerRequest, init_failed, timed_out
from local_aws.lambda_service.logs import WorkerLog
from local_aws.lambda_service.memory_peak import MemoryPeak
from local_aws.lambda_service.output_pipe import OutputPipe
from local_aws.lambda_service.runtime_api import NeverDelivered, RuntimeApi
from local_aws.lambda_service.spec import WorkerAccount, WorkerSpec

# Lambda gives the start 10 s before it tries anew under the function's own limit; a laptop that starts several
# workers on two cores at once needs longer.
INIT_SECONDS = 30.0


class WorkerState(StrEnum):
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    GONE = "gone"


class Worker:
    """Lives on one event loop. `on_idle` is called each time the worker can take an invocation, `on_gone` once."""

    def __init__(
        self,
        spec: WorkerSpec,
        log: WorkerLog,
        on_idle: Callable[["Worker"], None],
        on_gone: Callable[["Worker"], None],
    ) -> None:
        self.spec = spec
        self.pid = 0
        self.claimed = False  # by a caller, from before its invocation until after
        self.gone = False
        self.was_killed = False
        self.returncode: int | None = None
        self._log = log
        self._on_idle = on_idle
        self._on_gone = on_gone
        self.loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._api = RuntimeApi(self)
        self._answer: asyncio.Future[WorkerAnswer] | None = None
        self._asks = False  # the runtime waits for an invocation
        self._init_error: WorkerAnswer | None = None
        self._init_ms: float | None = None
        self._exit: asyncio.Task[int] | None = None
        self._output = OutputPipe(log.wrote)
        self._memory = MemoryPeak(0)
        self._began = 0.0

    @property
    def state(self) -> WorkerState:
        if self.gone:
            return WorkerState.GONE
        if not self.loaded.done():
            return WorkerState.STARTING
        return WorkerState.BUSY if self.claimed or not self._asks else WorkerState.IDLE

    async def start(self, surroundings: WorkerAccount) -> None:
        """Start the process; it is IDLE as soon as the function is loaded, which takes its time.

        Raises CannotRun if nothing on this machine runs the function, and OSError if its process cannot be started.
        """
        program = self.spec.program()
        address = await self._api.open()
        written = self._output.open()
        if program.notice is not None:
            self._log.wrote(f"{program.notice}\n".encode())
        self._began = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(
                *announcing(program.command),
                cwd=self.spec.code,
                env=self.spec.environment(program, address, surroundings),
                stdin=guardian().pipe,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        except OSError:
            self._output.close()
            self.gone = True
            await self._api.close()
            raise
        finally:
            os.close(written)
        self.pid = process.pid
        self._memory = MemoryPeak(process.pid)
        self._exit = asyncio.create_task(self._await_exit(process))

    async def invoke(self, request: WorkerRequest) -> WorkerOutcome:
        """Run one invocation on this idle or starting worker.

        Whatever becomes of the worker, there is an outcome. Raises NeverDelivered when the worker ended without
        having read the invocation: the function has seen nothing of it.
        """
        self.claimed = True
        self._log.started(request)
        try:
            if not self.loaded.done() and (broken := await self._load(request)) is not None:
                return self._outcome(request, broken, self._began)
            began = time.monotonic()
            return self._outcome(request, await self._run(request), began)
        finally:
            self.claimed = False
            self._offer()

    async def _load(self, request: WorkerRequest) -> WorkerAnswer | None:
        """Wait until the function is loaded; the answer to `request` if it cannot be."""
        assert self._exit is not None  # noqa: S101 - started
        await _first_of(self.loaded, self._exit, INIT_SECONDS)
        if self.loaded.done():
            return None
        if not self._exit.done():
            self.kill()
            return timed_out(INIT_SECONDS, request.request_id)
        if self._init_error is None:
            return exited(self._exit.result(), request.request_id)
        return init_failed(self._init_error, request.request_id)

    async def _run(self, request: WorkerRequest) -> WorkerAnswer:
        assert self._exit is not None  # noqa: S101 - started
        if self.gone:
            raise NeverDelivered
        self._asks = False
        timeout = self.spec.timeout
        self._answer = asyncio.get_running_loop().create_future()
        read = self._api.hand_over(request, int((time.time() + timeout) * 1000))
        await _first_of(self._answer, self._exit, timeout)
        if self._answer.done():
            return self._answer.result()
        if not self._exit.done():
            self.kill()
            return timed_out(timeout, request.request_id)
        await asyncio.wait({read}, timeout=1)
        if read.done():
            read.result()
        return exited(self._exit.result(), request.request_id)

    def kill(self) -> None:
        """End the process and all it started, at once."""
        self.gone = self.was_killed = True
        self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids it when only the dead are left
            os.killpg(self.pid, signal.SIGKILL)

    async def ended(self) -> None:
        """Wait until the process is no more."""
        if self._exit is not None:
            await asyncio.wait({self._exit})

    # What the runtime says (runtime_api.RuntimeEvents)

    def on_next(self) -> None:
        if not self.loaded.done():
            self._init_ms = (time.monotonic() - self._began) * 1000
            self.loaded.set_result(None)
        self._asks = True
        self._offer()

    def _offer(self) -> None:
        if self.state is WorkerState.IDLE:
            self._on_idle(self)

    def on_init_error(self, body: bytes, error_type: str) -> None:
        self._init_error = WorkerAnswer(body, "Unhandled", error_type)

    def on_answer(self, request: WorkerRequest, answer: WorkerAnswer) -> None:  # noqa: ARG002 - there is only one
        self._output.read()  # all that was written before the answer
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _outcome(self, request: WorkerRequest, answer: WorkerAnswer, began: float) -> WorkerOutcome:
        duration_ms = (time.monotonic() - began) * 1000
        tail = self._log.finished(request, answer, duration_ms, self._memory.most_mb(), self._init_ms)
        self._init_ms = None
        return WorkerOutcome(request.request_id, self.spec.version, answer, duration_ms, tail)

    async def _await_exit(self, process: asyncio.subprocess.Process) -> int:
        self.returncode = returncode = await process.wait()
        self._kill_group()  # what the function started ends with its environment
        guardian().forget_group(self.pid)
        self._output.read()
        self._output.close()
        self._log.flush()
        self.gone = True
        await self._api.close()
        self._on_gone(self)
        return returncode


async def _first_of(one: "asyncio.Future[Any]", other: "asyncio.Future[Any]", timeout: float) -> None:
    await asyncio.wait({one, other}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
