from collections.abc import Callable
from typing import Any

import pytest

from event_source_mapping.rehearsal import Rehearsal


@pytest.mark.parametrize(
    ("function", "event"),
    [
        ("CountTasksFunction", "TableChanges"),
        ("RecordHistoryFunction", "TableChanges"),
        ("MeasureChangesFunction", "TableChanges"),
        ("RecoverBatchesFunction", "FailedBatches"),
    ],
)
def test_every_mapping_of_the_template_can_be_rehearsed(
    rehearse: Callable[..., Rehearsal], function: str, event: str
) -> None:
    def answer(_: dict[str, Any], context: Any) -> dict[str, Any]:
        assert context.function_name == function
        return {"batchItemFailures": [], "state": {}}

    rehearsal = rehearse(function, event, answer)
    written = [rehearsal.put(text, item="task-1") for text in "abc"]

    rehearsal.play()

    if function != "CountTasksFunction":  # whose filter passes tasks only
        assert [name for batch in rehearsal.batches for name in batch] == written
    assert rehearsal.failed_batches == []
