"""What the views know of a list and its tasks: counts, history, search. They lag behind the table by moments."""

from typing import Any

from changestream.aws.refusals import refusals_translated
from changestream.core.change import Image
from tasks.task import TaskStatus
from tasks.task_name import task_name

TOTALS_ID = "#totals"
"""Of the row in which count_tasks keeps a list's totals."""


class TaskViews:
    """Reads TaskCountsTable and TaskHistoryTable. Raises ``TransientError`` where one refuses for now."""

    def __init__(self, client: Any, counts_table: str, history_table: str) -> None:
        self._client = client
        self._counts_table = counts_table
        self._history_table = history_table

    def counts(self, list_id: str) -> tuple[int, dict[TaskStatus, int]]:
        """Return how many tasks a list has, in all and by status; a list without tasks has none."""
        with refusals_translated(f"reading the totals in {self._counts_table}"):
            answer = self._client.get_item(
                TableName=self._counts_table, Key={"listId": {"S": list_id}, "taskId": {"S": TOTALS_ID}}
            )
        row: Image = answer.get("Item", {})
        return _count(row, "total"), {status: _count(row, status) for status in TaskStatus}

    def history(self, list_id: str, task_id: str, limit: int, after: str | None) -> tuple[list[Image], str | None]:
        """Return some of a task's revisions, the newest first, and the one to go on after, if there are more."""
        task = {"S": task_name(list_id, task_id)}
        start = {"ExclusiveStartKey": {"task": task, "revision": {"S": after}}} if after else {}
        with refusals_translated(f"reading revisions in {self._history_table}"):
            answer = self._client.query(
                TableName=self._history_table,
                KeyConditionExpression="task = :task",
                ExpressionAttributeValues={":task": task},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        return answer["Items"], answer.get("LastEvaluatedKey", {}).get("revision", {}).get("S")


def _count(row: Image, name: str) -> int:
    return int(row.get(name, {}).get("N", "0"))
