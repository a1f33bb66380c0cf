"""Runs invocations on the workers of all functions, from the event loop that the workers live on."""

import time
from pathlib import Path
from typing import Any

from local_aws.journal import Journal
from local_aws.lambda_service.errors import LambdaError, function_not_found, throttled
from local_aws.lambda_service.invocation import WorkerOutcome, WorkerRequest
from local_aws.lambda_service.iterator_ages import IteratorAges
from local_aws.lambda_service.log_pump import ConsoleSink, LogSink
from local_aws.lambda_service.names import LATEST, FunctionName
from local_aws.lambda_service.pool import PoolClosed, WorkerPool
from local_aws.lambda_service.registry import FunctionRegistry
from local_aws.lambda_service.spec import WorkerAccount
from local_aws.lambda_service.worker import WorkerState
from local_aws.measurements import Measurements

type PoolKey = tuple[str, str]  # function name, version


class Invoker:
    """Keeps a pool of workers for each version that was ever invoked."""

    def __init__(
        self,
        functions: FunctionRegistry,
        endpoint_url: str,
        home: Path,
        workers_per_function: int,
        journal: Journal,
        console: ConsoleSink,
        keep_log: LogSink,
        measurements: Measurements,
    ) -> None:
        account = functions.account
        self._functions = functions
        self._surroundings = WorkerAccount(account.account_id, account.region, endpoint_url, home)
        self._limit = workers_per_function
        self._journal = journal
        self._console = console
        self._keep_log = keep_log
        self._pools: dict[PoolKey, WorkerPool] = {}
        self._ending: set[WorkerPool] = set()  # of functions that are gone
        self._running: dict[str, int] = {}
        self.iterator_ages = IteratorAges()
        self._measurements = measurements

    async def invoke(
        self, called: FunctionName, payload: bytes, source: str, client_context: str | None = None
    ) -> WorkerOutcome:
        """Invoke synchronously and wait for the outcome; `source` is "api" or "mapping".

        Raises ServiceError when the function was not reached: it is not there, or it is throttled.
        """
        function, version = self._functions.drawn(called)
        name = function.name
        reserved = function.reserved_concurrency
        if reserved is not None and self._running.get(name, 0) >= reserved:
            self._count(name, called, None, time.time(), Throttles=1)
            raise throttled()
        request = WorkerRequest(payload, self._functions.account.function_arn(name, called.qualifier), client_context)
        self._running[name] = self._running.get(name, 0) + 1
        try:
            return await self._observed(request, called, name, version.configuration["Version"], source)
        finally:
            self._running[name] -= 1

    def role_of(self, called: FunctionName) -> str:
        """The execution role; raises ResourceNotFoundException."""
        return str(self._functions.resolve(called)[1].configuration["Role"])

    def refresh(self, name: str) -> None:
        """The function's $LATEST is another one: end the workers that run the former."""
        pool = self._pools.get((name, LATEST))
        if pool is not None:
            pool.replace(self._functions.function(FunctionName(name, None)).latest.spec())

    async def discard(self, name: str) -> None:
        """The function is gone: end its workers."""
        for key in [key for key in self._pools if key[0] == name]:
            pool = self._pools.pop(key)
            self._ending.add(pool)
            await pool.close()
            self._ending.discard(pool)

    async def close(self) -> None:
        for pool in [*self._pools.values(), *self._ending]:
            await pool.close()
        self._pools.clear()

    def workers(self) -> list[dict[str, Any]]:
        """Every live worker, for the status page: function name, pid, and whether it has work."""
        return [
            {"functionName": name, "pid": worker.pid, "busy": worker.state is not WorkerState.IDLE}
            for (name, _), pool in list(self._pools.items())
            for worker in pool.workers
            if not worker.gone
        ]

    @property
    def running(self) -> int:
        """How many invocations are under way."""
        return sum(self._running.values())

    async def _observed(
        self, request: WorkerRequest, called: FunctionName, name: str, version: str, source: str
    ) -> WorkerOutcome:
        named = {"functionName": name, "version": version, "requestId": request.request_id, "source": source}
        self._journal.add("invocation.started", **named)
        started, began = time.time(), time.monotonic()
        verdict, error_type = "error", None
        try:
            outcome = await self._pool(name, version).invoke(request)
            verdict = "success" if outcome.answer.function_error is None else "error"
            error_type = outcome.answer.error_type
            return outcome
        except PoolClosed as error:
            raise function_not_found(request.arn) from error
        except OSError as error:
            raise LambdaError("ServiceException", 500, f"A worker of {name} cannot be started: {error}") from error
        finally:
            self._count(name, called, version, started, Invocations=1, Errors=float(verdict == "error"))
            took = round((time.monotonic() - began) * 1000, 3)
            self._journal.add("invocation.finished", **named, outcome=verdict, errorType=error_type, durationMs=took)

    def _count(self, name: str, called: FunctionName, version: str | None, at: float, **values: float) -> None:
        """Count for the function, and for the alias that was invoked with the version that ran.

        Lambda stamps Errors with the start of the invocation (developer guide, "Types of metrics").
        """
        resource = {"Resource": f"{name}:{called.qualifier}"} if called.qualifier else None
        executed = resource | {"ExecutedVersion": version} if resource and version else None
        for more in ({}, resource, executed):
            if more is not None:
                for metric, value in values.items():
                    self._measurements.add("AWS/Lambda", metric, {"FunctionName": name, **more}, value, at)

    def _pool(self, name: str, version: str) -> WorkerPool:
        pool = self._pools.get((name, version))
        if pool is None:
            # Resolved here, on the loop: an update that came meanwhile has nothing to replace yet.
            spec = self._functions.resolve(FunctionName(name, version))[1].spec()
            pool = WorkerPool(spec, self._limit, self._surroundings, self._journal, self._console, self._keep_log)
            self._pools[name, version] = pool
        return pool
