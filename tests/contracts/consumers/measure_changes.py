from builders import kinesis_record
from changestream.wire import measure_row
from contracts.consumer import CaptureConsumer, Change
from functions.measure_changes import app


class Adapter(CaptureConsumer):
    """Records as recovery brings them, without a window; what windows promise beside is in the function's own tests."""

    function = app

    def begin(self) -> None:
        self.table = self.tables.create("listId", "window")
        app.bare_consumer.cache_clear()
        self.settings(TASK_MEASURES_TABLE=self.table, MEASURE_DAYS="400", MEASURE_WINDOW_SECONDS="60")

    def poison(self, name: str, at: int) -> Change:
        """It measures tasks as it finds them: poison is what is no change at all."""
        return lambda n: kinesis_record(n, b"no change of " + name.encode())

    def snapshot(self) -> dict[str, str]:
        """The measures of every list, its rows merged."""
        rows = self.tables.rows(self.table)
        lists = {row["listId"]["S"] for row in rows}
        return {
            name: repr(measure_row.measures([row for row in rows if row["listId"]["S"] == name]))
            for name in sorted(lists)
        }
