"""What all runs of one process share: the template, the code, and the stand-ins that make it live in a run's time."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

from aws_lambda_powertools.utilities.idempotency import base
from aws_lambda_powertools.utilities.idempotency.persistence import base as persistence
from aws_lambda_powertools.utilities.idempotency.persistence import datarecord, dynamodb
from botocore.exceptions import BotoCoreError, ClientError

from simulation.deployment import Deployment
from simulation.foreign.client import RunningAws
from simulation.memory_aws.aws import MemoryAws
from simulation.stack import SimulatedStack
from simulation.strands import Strands
from simulation.telemetry import LINES, METRICS
from simulation.threading_in_strands import RunningStage

TELLING_THE_TIME = (base, persistence, datarecord, dynamodb)
"""Modules of Powertools that ask ``datetime`` for the time, as ``dt``."""


class Machine:
    """Runs worlds one after the other: ``with machine.running(): …``."""

    def __init__(self) -> None:
        self.stack = SimulatedStack()
        self.deployment = Deployment()
        self._clients = self.deployment.module("changestream.aws.clients")
        self._http = self.deployment.module("changestream.aws.signed_http")
        self._transient = self.deployment.module("changestream.core.errors").TransientError
        self._concurrency = self.deployment.module("changestream.aws.concurrency")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the environment, the generator of random numbers and Powertools' clock be the simulation's."""
        state = random.getstate()
        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, self.stack.environment))
            for module in TELLING_THE_TIME:
                stack.enter_context(mock.patch.object(module, "dt", _DATETIME))
            try:
                yield
            finally:
                random.setstate(state)

    def enter(self, strands: Strands, now: Callable[[], float], aws: MemoryAws) -> None:
        """Begin a run: nothing is remembered of the one before."""
        RunningStage.strands = strands
        RunningStage.now = now
        METRICS.clear()
        LINES.clear()

        def client(service: str, region_name: str | None = None, config: object = None) -> Any:  # noqa: ARG001
            return aws.client(service, region_name)

        def send(_: object, method: str, path: str, body: bytes, content_type: str = "") -> Any:  # noqa: ARG001
            return self._searched(aws, path, body)

        RunningAws.client = aws.client
        self._clients._create = client
        self._http.SignedHttp.send = send
        self._clients.client_in.cache_clear()
        self._clients.invoking_client.cache_clear()
        self._concurrency.threads.cache_clear()

    def _searched(self, aws: MemoryAws, path: str, body: bytes) -> Any:
        """Send a request to the search index, as ``SignedHttp`` does: again where no answer came."""
        for attempt in range(1, self._http.ATTEMPTS + 1):
            try:
                return self._http.HttpAnswer(*aws.ask_search(path, body))
            except ClientError as refused:
                status = refused.response["ResponseMetadata"]["HTTPStatusCode"]
                return self._http.HttpAnswer(status, {"error": {"type": refused.response["Error"]["Code"]}})
            except BotoCoreError as lost:
                if attempt == self._http.ATTEMPTS:
                    raise self._transient(f"{path}: {lost}") from lost
        raise AssertionError("unreachable")


class _Now(datetime):
    """``datetime`` whose present is the run's."""

    @classmethod
    def now(cls, tz: Any = None) -> "_Now":
        return cls.fromtimestamp(RunningStage.now(), tz)


_DATETIME = SimpleNamespace(datetime=_Now, timedelta=timedelta)
