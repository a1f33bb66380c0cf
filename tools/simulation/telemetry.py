"""What functions log and measure: metrics summed up for the figures of a run, log lines kept while somebody looks."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from simulation.threading_in_strands import RunningStage

type Handler = Callable[..., Any]

METRICS: Counter[str] = Counter()
"""The sums of everything that functions measured since somebody cleared it."""

LINES: list[tuple[float, str, Any]] = []
"""(time, line, extra) of what functions logged, while ``WATCHED`` is true."""

WATCHED = [False]


class QuietLogger:
    """Stands for Powertools' logger."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take whatever the other takes."""

    def inject_lambda_context(self, handler: Handler) -> Handler:
        return handler

    def _log(self, line: str, extra: Any = None, exc_info: object = None) -> None:  # noqa: ARG002 - as Powertools has it
        if WATCHED[0]:
            LINES.append((RunningStage.now(), line, extra))

    info = warning = error = exception = _log


class Metrics:
    """Stands for Powertools' metrics."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take whatever the other takes."""

    def log_metrics(self, *_: object, **__: object) -> Callable[[Handler], Handler]:
        return lambda handler: handler

    def add_metric(self, name: str, unit: object, value: float) -> None:  # noqa: ARG002 - as Powertools has it
        METRICS[name] += value  # type: ignore[assignment] # a counter of figures, some of which are seconds
