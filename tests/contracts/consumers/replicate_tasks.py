from builders import REGION, task
from contracts.consumer import STEP, CaptureConsumer, Change
from contracts.tables import Json
from functions.replicate_tasks import app


class Adapter(CaptureConsumer):
    function = app

    def begin(self) -> None:
        self.table = self.tables.create("listId", "taskId")
        self.settings(REPLICA_TABLE=self.table, REPLICA_REGION=REGION, TOMBSTONE_DAYS="450")

    def shown(self) -> list[tuple[Change, Json]]:
        """A task that is created and done."""
        created, done = task("task-shown"), task("task-shown", status="done")
        return [(self.change(STEP, created), created), (self.change(2 * STEP, done, created), done)]

    def snapshot(self) -> list[Json]:
        return self.tables.rows(self.table, without="tombstoneExpiresAt")
