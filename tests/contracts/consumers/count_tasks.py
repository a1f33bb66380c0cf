from builders import task
from contracts.consumer import STEP, Change, TableStreamConsumer
from contracts.tables import Json
from functions.count_tasks import app


class Adapter(TableStreamConsumer):
    function = app

    def begin(self) -> None:
        self.table = self.tables.create("listId", "taskId")
        self.settings(TASK_COUNTS_TABLE=self.table, TOMBSTONE_DAYS="450")

    def shown(self) -> list[tuple[Change, Json]]:
        """A task that is created and done."""
        created, done = (task("task-shown", "list-shown", status) for status in ("open", "done"))
        totals = {"listId": {"S": "list-shown"}, "taskId": {"S": app.TOTALS_ID}}
        return [
            (self.change(STEP, created), totals | {"open": {"N": "1"}}),
            (self.change(2 * STEP, done, created), totals | {"done": {"N": "1"}}),
        ]

    def snapshot(self) -> list[Json]:
        """Memberships and totals, without the zeros that counts leave which went up and down again."""
        rows = self.tables.rows(self.table, without="expiresAt")
        nonzero = [{name: value for name, value in row.items() if value != {"N": "0"}} for row in rows]
        return sorted((row for row in nonzero if row.keys() > {"listId", "taskId"}), key=repr)
