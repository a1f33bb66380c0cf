from builders import task
from contracts.announcing import AnnouncingConsumer
from contracts.consumer import STEP, CaptureConsumer, Change
from contracts.tables import Json
from functions.announce_changes import app


class Adapter(AnnouncingConsumer, CaptureConsumer):
    function = app
    topic_variable = "TASK_TRANSITIONS_TOPIC"
    memory_variable = "ANNOUNCEMENTS_TABLE"

    def shown(self) -> list[tuple[Change, Json]]:
        """A task that is created and done."""
        created, done = task("task-shown"), task("task-shown", status="done")
        return [
            (self.change(STEP, created), {"taskId": "task-shown", "from": None, "to": "open"}),
            (self.change(2 * STEP, done, created), {"taskId": "task-shown", "from": "open", "to": "done"}),
        ]
