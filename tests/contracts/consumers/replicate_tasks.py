from builders import REGION
from contracts.consumer import CaptureConsumer
from contracts.tables import Json
from functions.replicate_tasks import app


class Adapter(CaptureConsumer):
    function = app

    def begin(self) -> None:
        self.table = self.tables.create("listId", "taskId")
        self.settings(REPLICA_TABLE=self.table, REPLICA_REGION=REGION, TOMBSTONE_DAYS="450")

    def snapshot(self) -> list[Json]:
        return self.tables.rows(self.table, without="tombstoneExpiresAt")
