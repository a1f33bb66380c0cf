"""Changes of a few tasks as a capture might bring them: twice, and in any order."""

import random
from collections.abc import Iterator
from typing import Any

from builders import capture, kinesis_record, task

Json = dict[str, Any]
BATCH = 7


class DisturbedChanges:
    """Drawn from a seed; ``items`` is how each task stands at the end, ``None`` where it is gone."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.items: dict[str, Json | None] = {}
        self._changes: list[Json] = []
        for n in range(1, 31):
            task_id = f"task-{draw.randrange(5)}"
            old = self.items.get(task_id)
            new = None if old and draw.random() < 0.2 else task(task_id, status=draw.choice(["open", "done"]))
            self.items[task_id] = new
            self._changes += [capture(n, new, old)] * 2
        draw.shuffle(self._changes)

    def batches(self) -> Iterator[list[Json]]:
        """The records of all of them, batch by batch."""
        for start in range(0, len(self._changes), BATCH):
            yield [kinesis_record(start + n, one) for n, one in enumerate(self._changes[start : start + BATCH])]
