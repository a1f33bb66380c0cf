from collections.abc import Sequence
from random import Random

import pytest

from builders import TIME_TO_LIVE, task
from changestream.wire.stored_images import stored
from contracts.consumer import STEP, Change, TableStreamConsumer, drawn_task, sequence_number_of
from contracts.tables import Json
from functions.archive_tasks import app


class Adapter(TableStreamConsumer):
    function = app
    reads_new_images = False

    def plant_bug(self, patch: pytest.MonkeyPatch, records: Sequence[Json]) -> str | None:
        """It looks at the old images of deletions by TTL."""
        expired = [record for record in records if record.get("userIdentity")]
        image = expired[-1]["dynamodb"]["OldImage"]
        stored = vars(app)["stored"]

        def failing(images: Json) -> Json:
            if images["image"] is image:
                raise KeyError("owner")
            row: Json = stored(images)
            return row

        patch.setattr(app, "stored", failing)
        return sequence_number_of(expired[-1])

    def begin(self) -> None:
        self.table = self.tables.create("task", "position")
        self.settings(ARCHIVED_TASKS_TABLE=self.table)

    def shown(self) -> list[tuple[Change, Json]]:
        """A task that expires, comes back and expires again."""
        images = [task("task-shown"), task("task-shown", status="done")]
        return [
            (self.expiry(at * STEP, image), {"taskId": {"S": "task-shown"}, **stored({"image": image})})
            for at, image in enumerate(images, start=1)
        ]

    def drawn(self, draw: Random, first: int) -> list[Change]:
        """Tasks that expire, come back and expire again, or that somebody deletes; the first expires."""
        changes = [self.expiry(first * STEP, drawn_task(draw, "task-0"))]
        for number in range(first + 1, first + draw.randint(2, 10)):
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
