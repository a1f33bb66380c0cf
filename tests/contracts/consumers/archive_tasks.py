from random import Random

from builders import TIME_TO_LIVE, task
from contracts.consumer import STEP, Change, TableStreamConsumer, drawn_task
from contracts.tables import Json
from functions.archive_tasks import app


class Adapter(TableStreamConsumer):
    function = app

    def begin(self) -> None:
        self.table = self.tables.create("task", "position")
        self.settings(ARCHIVED_TASKS_TABLE=self.table)

    def history(self, draw: Random) -> list[Change]:
        """Tasks that expire, come back and expire again, or that somebody deletes; the first expires."""
        changes = [self.expiry(STEP, drawn_task(draw, "task-0"))]
        for number in range(2, draw.randint(2, 10) + 1):
            image = drawn_task(draw, f"task-{draw.randrange(3)}")
            deleted = draw.random() < 0.3
            changes.append(self.change(number * STEP, old=image) if deleted else self.expiry(number * STEP, image))
        return changes

    def poison(self, name: str, at: int) -> Change:
        """An item that is none: it keeps tasks as it finds them."""
        return self.expiry(at, task(f"task-{name}", note={"S": 5}))

    def expiry(self, at: int, image: Json) -> Change:
        return self.change(at, old=image, identity=TIME_TO_LIVE)

    def snapshot(self) -> list[Json]:
        return self.tables.rows(self.table)
