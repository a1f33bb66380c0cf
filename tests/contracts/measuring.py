"""Consumers that write measures of the changes per list and window (``tasks.measure_row``)."""

from dataclasses import replace

from builders import kinesis_record, task
from contracts.consumer import STEP, CaptureConsumer, Change
from contracts.tables import Json
from tasks import measure_row
from tasks.measures import Measures


class MeasuringConsumer(CaptureConsumer):
    """Records as recovery delivers them, without a window."""

    variable: str
    """The function's variable with the name of its table."""

    def begin(self) -> None:
        self.table = self.tables.create("listId", "window")
        self.function.bare_consumer.cache_clear()
        self.settings(**{self.variable: self.table}, MEASURE_DAYS="400", MEASURE_WINDOW_SECONDS="60")

    def poison(self, name: str, at: int) -> Change:
        """It measures tasks as it finds them: poison is what is no change at all."""
        return lambda n: kinesis_record(n, b"no change of " + name.encode())

    def shown(self) -> list[tuple[Change, Json]]:
        """A list with a task that is created, and one more."""
        tasks = (task(f"task-shown-{number}", "list-shown") for number in (1, 2))
        return [
            (self.change(number * STEP, created), {"listId": "list-shown", "changes": number, "tasks": number})
            for number, created in enumerate(tasks, start=1)
        ]

    def shows(self, fields: Json) -> bool:
        """Whether the measures of a list have these figures."""
        measures = self.snapshot().get(fields["listId"])
        return all(getattr(measures, name, None) == figure for name, figure in fields.items() if name != "listId")

    def snapshot(self) -> dict[str, Measures]:
        """The measures of every list, its rows merged; in which windows they were, says how many changes were late."""
        rows = self.tables.rows(self.table)
        return {
            name: replace(measure_row.measures(row for row in rows if row["listId"]["S"] == name), late=0)
            for name in {row["listId"]["S"] for row in rows}
        }
