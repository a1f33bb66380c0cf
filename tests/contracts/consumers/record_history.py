from builders import kinesis_record, task
from changestream.wire.stored_images import stored
from contracts.consumer import STEP, CaptureConsumer, Change
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

    def shown(self) -> list[tuple[Change, Json]]:
        """A task that is created and done."""
        created, done = task("task-shown"), task("task-shown", status="done")
        return [
            (self.change(STEP, created), {"taskId": created["taskId"], "kind": {"S": "INSERT"}}),
            (self.change(2 * STEP, done, created), {"taskId": created["taskId"]} | stored({"newImage": done})),
        ]

    def snapshot(self) -> list[Json]:
        return self.tables.rows(self.table)
