from builders import kinesis_record
from contracts.consumer import CaptureConsumer, Change
from contracts.tables import Json
from functions.record_history import app


class Adapter(CaptureConsumer):
    function = app

    def begin(self) -> None:
        self.table = self.tables.create("task", "revision")
        self.settings(TASK_HISTORY_TABLE=self.table)

    def poison(self, name: str, at: int) -> Change:
        """It keeps tasks as it finds them: poison is what is no change at all."""
        return lambda n: kinesis_record(n, b"no change of " + name.encode())

    def snapshot(self) -> list[Json]:
        return self.tables.rows(self.table)
