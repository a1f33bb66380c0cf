"""The endpoint, its Lambda service and its stacks, put together."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

from .alarm_states import AlarmStates
from .clock import Clock
from .console import RuntimeConsole
from .disorder import Disorder
from .endpoint import Endpoint
from .journal import Journal
from .lambda_service import WORKERS_PER_FUNCTION, LambdaService
from .metrics import AccountMetrics
from .schedules import Schedules
from .stack import Stacks
from .state import StateDirectory
from .state.memory import Memory
from .ticker import Ticker

ALARM_SECONDS = 20.0
"""Between two looks at the clock: alarms are evaluated once a minute."""


class Runtime:
    """Serves from entering the context to leaving it; `OSError` on construction if the port is taken.

    `clock` is the time by which alarms are evaluated.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        port: int = 0,
        disorder: Disorder | None = None,
        seed: int = 0,
        poll_interval: float | None = None,
        console: RuntimeConsole | None = None,
        state: Path | None = None,
        workers: int = WORKERS_PER_FUNCTION,
        clock: Clock = time.time,
    ) -> None:
        self.journal = Journal()
        self._state = None if state is None else StateDirectory(state)
        self.endpoint = Endpoint(
            account_id, region, self.journal, port, disorder=disorder, seed=seed, state=self._state
        )
        on_log = _silent if console is None else console.log
        self.functions = LambdaService(
            account_id,
            region,
            self.endpoint.url,
            self.journal,
            poll_interval=poll_interval,
            workers_per_function=workers,
            on_log=on_log,
            state=self._state,
            log_groups=True,
        )
        self.endpoint.host(self.functions, self.functions.wsgi, self.functions.invoke, self.functions.measurements)
        services = self.endpoint.services
        counted = self.functions.iterator_ages, self.functions.measurements
        self._metrics = AccountMetrics(account_id, region, services, *counted, clock)
        self._alarms = AlarmStates(account_id, services, clock)
        self._alarm_ticker = Ticker("alarms", ALARM_SECONDS, self._watch)
        services.prepare_first("cloudwatch", self._watch)
        self._schedules = Schedules(account_id, self.endpoint.services.rules, self._start_function, time.time)
        self._stacks = Stacks(self.endpoint.services, self.endpoint.url, region, self.functions)
        if self._state is not None:
            self._memory = Memory(self._state, self.endpoint, self.functions)
            self._memory.recall()

    @property
    def url(self) -> str:
        return self.endpoint.url

    def create_stack(self, template: Path, name: str, parameters: dict[str, str]) -> dict[str, str]:
        """Create the stack of a template file, or bring it up to the file if a state directory has it already.

        Its outputs are also shown by /_local/status.
        """
        outputs = self._stacks.create(template, name, parameters)
        self.endpoint.outputs |= outputs
        if self._state is not None:
            self._state.save()
        return outputs

    def __enter__(self) -> Runtime:
        self.endpoint.start()
        self.functions.resume()
        self._schedules.start()
        self._alarm_ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._schedules.close()
        self._alarm_ticker.close()
        self.functions.close()
        if self._state is not None:
            self._state.save()
        self.endpoint.close()
        if self._state is not None:
            self._state.close()

    def _watch(self) -> None:
        """Publish what was measured, and set the alarms' states."""
        self._metrics.publish()
        self._alarms.evaluate()

    def _start_function(self, arn: str, event: bytes) -> None:
        self.functions.invoke({"FunctionName": arn, "InvocationType": "Event", "Payload": event})


def _silent(function_name: str, request_id: str | None, line: str) -> None:
    """Keep a function's log out of the console; the journal has it."""
