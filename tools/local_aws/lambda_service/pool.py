"""The workers of one function version: reused while idle, started when they do not suffice, up to a limit."""

import asyncio
from collections import deque
from collections.abc import Callable

from local_aws.journal import Journal
from local_aws.lambda_service.invocation import WorkerOutcome, WorkerRequest, failure
from local_aws.lambda_service.log_pump import ConsoleSink, LogSink
from local_aws.lambda_service.logs import WorkerLog
from local_aws.lambda_service.runtime_api import NeverDelivered
from local_aws.lambda_service.runtimes import CannotRun
from local_aws.lambda_service.spec import WorkerAccount, WorkerSpec
from local_aws.lambda_service.worker import Worker, WorkerState

# A start costs a second of computing time on a laptop, most invocations take milliseconds: so a caller first waits
# this long for a worker that is at work, and workers of one function start one after the other.
PATIENCE = 0.1
_LOOK_SECONDS = 0.01


class PoolClosed(Exception):
    """The function is gone, or the endpoint is about to be."""


class WorkerPool:
    """Lives on one event loop. A caller waits while all workers are busy; the one who waited longest is first."""

    def __init__(
        self,
        spec: WorkerSpec,
        limit: int,
        surroundings: WorkerAccount,
        journal: Journal,
        console: ConsoleSink,
        keep_log: LogSink,
    ) -> None:
        self._spec = spec
        self._limit = limit
        self._surroundings = surroundings
        self._journal = journal
        self._console = console
        self._keep_log = keep_log
        self._idle: list[Worker] = []
        self._workers: set[Worker] = set()
        self._starting = 0
        self._waiting: deque[asyncio.Future[Worker | None]] = deque()
        self._closed = False

    @property
    def spec(self) -> WorkerSpec:
        return self._spec

    @property
    def workers(self) -> frozenset[Worker]:
        return frozenset(self._workers)

    async def invoke(self, request: WorkerRequest) -> WorkerOutcome:
        """Run `request` on the next free worker; an idle worker that turns out to be dead costs no invocation.

        A function that this machine cannot run fails with the reason. Raises PoolClosed, and OSError when a worker
        cannot be started.
        """
        while True:
            try:
                worker = await self._acquire()
            except CannotRun as reason:
                return self._refused(request, reason)
            try:
                return await worker.invoke(request)
            except NeverDelivered:
                continue
            finally:
                if worker.gone:
                    self._pass_on(None)

    def _refused(self, request: WorkerRequest, reason: CannotRun) -> WorkerOutcome:
        log = self._log()
        log.started(request)
        log.wrote(f"{reason}\n".encode())
        answer = failure(reason.error_type, str(reason), request.request_id)
        tail = log.finished(request, answer, duration_ms=0.0, memory_mb=0, init_ms=None)
        return WorkerOutcome(request.request_id, self._spec.version, answer, 0.0, tail)

    def replace(self, spec: WorkerSpec) -> None:
        """From now on start workers from `spec`; those of the former one end, the busy ones when they are done."""
        self._spec = spec
        for worker in list(self._workers):
            if worker.state is WorkerState.IDLE:
                worker.kill()

    async def close(self) -> None:
        """End every worker, whatever it is doing."""
        self._closed = True
        while self._starting:  # its process would be no one's
            await asyncio.sleep(_LOOK_SECONDS)
        workers = list(self._workers)
        for worker in workers:
            worker.kill()
        while self._waiting:
            self._pass_on(None)
        for worker in workers:
            await worker.ended()

    async def _acquire(self) -> Worker:
        waited = False
        while True:
            if self._closed:
                raise PoolClosed
            while self._idle:
                worker = self._idle.pop()
                if worker.state is WorkerState.IDLE:
                    worker.claimed = True
                    return worker
            if self._may_start(waited):
                return await self._start()
            if (given := await self._turn(waited)) is not None:
                return given
            waited = True

    def _may_start(self, waited: bool) -> bool:
        alive = [worker for worker in self._workers if not worker.gone]
        if not alive and not self._starting:
            return True
        starting = self._starting or any(worker.state is WorkerState.STARTING for worker in alive)
        return waited and not starting and len(alive) < self._limit

    async def _turn(self, waited: bool) -> Worker | None:
        """Wait for a worker, and not for ever: None means to look again whether to start one.

        Who has waited before waits at the front.
        """
        turn: asyncio.Future[Worker | None] = asyncio.get_running_loop().create_future()
        if waited:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        try:
            await asyncio.wait({turn}, timeout=PATIENCE)
        except asyncio.CancelledError:
            if turn.done():
                self._pass_on(turn.result())
            turn.cancel()
            raise
        if turn.done():
            return turn.result()
        self._waiting.remove(turn)
        return None

    async def _start(self) -> Worker:
        spec = self._spec
        worker = Worker(spec, self._log(), self._on_idle, self._on_gone)
        worker.claimed = True
        self._starting += 1
        try:
            await worker.start(self._surroundings)
        finally:
            self._starting -= 1
        self._workers.add(worker)
        if self._closed:
            raise PoolClosed
        self._journal.add("worker.started", functionName=spec.function_name, pid=worker.pid)
        return worker

    def _log(self) -> WorkerLog:
        spec = self._spec
        return WorkerLog(self._told(spec), spec.logging, spec.memory_mb, spec.version)

    def _told(self, spec: WorkerSpec) -> Callable[[str | None, str], None]:
        name, group, stream = spec.function_name, spec.logging["LogGroup"], spec.log_stream

        def tell(request_id: str | None, line: str) -> None:
            self._journal.add("function.log", functionName=name, requestId=request_id, line=line)
            self._console(name, request_id, line)
            self._keep_log(group, stream, line)

        return tell

    def _on_idle(self, worker: Worker) -> None:
        if self._closed or worker.spec is not self._spec:
            worker.kill()
            self._pass_on(None)
            return
        self._pass_on(worker)

    def _on_gone(self, worker: Worker) -> None:
        kind = "worker.killed" if worker.was_killed else "worker.exited"
        self._journal.add(kind, functionName=worker.spec.function_name, pid=worker.pid, returnCode=worker.returncode)
        self._workers.discard(worker)
        self._pass_on(None)

    def _pass_on(self, worker: Worker | None) -> None:
        """Give a free worker, or the room for one, to whoever waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                if worker is not None:
                    worker.claimed = True
                turn.set_result(worker)
                return
        if worker is not None:
            worker.claimed = False
            self._idle.append(worker)
