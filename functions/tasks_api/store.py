"""The tasks in their table: every change on a condition, and one made twice answered as the first was.

A task that is malformed, or whose time to live is over, is not there for this API; an item that is no task is never
read or written.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from time import time
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.change import Image
from changestream.core.errors import PoisonRecord
from conditions import NOT_DONE, Key, deletion, key_of, number, update
from documents import entity_tag, version_of
from problems import Problem, changed_meanwhile, no_task, not_a_task
from tasks.task import TASK_ID_PREFIX, TaskStatus, task_from_image

RETURNING = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class TaskStore:
    """Reads and writes tasks; ``version`` is the one that a change is based on, ``None`` for whichever there is.

    Every method raises ``Problem`` for what cannot be, and ``TransientError`` where the table refuses for now.
    """

    def __init__(self, client: Any, table: str, clock: Callable[[], float] = time) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def create(self, item: Image) -> Image:
        """Write a new task and return it; where it is there already, made by the same request, return it as it is.

        ``createdFrom`` in the item tells the requests apart: an idempotency key may come back with another body.
        """
        try:
            self._call("put_item", Item=item, ConditionExpression="attribute_not_exists(taskId)", **RETURNING)
        except _Refused as refused:
            if refused.item.get("createdFrom") == item["createdFrom"]:
                return _well_formed(refused.item)
            detail = "The idempotency key belongs to a request with another body."
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, "idempotency-key-reused") from None
        return item

    def read(self, key: Key) -> Image:
        """Return a task, strongly consistent."""
        item: Image = self._call("get_item", Key=key_of(key), ConsistentRead=True).get("Item", {})
        self._check(key, item)
        return item

    def update(self, key: Key, changes: Mapping[str, str | None], version: int | None) -> Image:
        """Set the attributes, remove those that are ``None``, and return the task.

        A task that is one version on, and as the changes ask for, was made so by this change or one like it: that is
        answered as done (RFC 9110, 13.1.1), so that a client that lost the answer may ask again.
        """
        return self._change(key, changes, version, lambda item: version_of(item) - 1 == version)

    def complete(self, key: Key, version: int | None) -> Image:
        """Set the status to done and return the task; one that is done stays as it is."""
        return self._change(key, {"status": TaskStatus.DONE.value}, version, lambda _: True, NOT_DONE)

    def archive(self, key: Key, version: int | None) -> Image:
        """Let the task expire now and return it: DynamoDB deletes it, and archive_tasks keeps it."""
        now = int(self._clock())
        try:
            return self._update(key, update({"expiresAt": number(now)}, version, now))
        except _Refused as refused:
            if self._has_expired(refused.item):
                return refused.item
            raise self._reason(key, refused.item) from None

    def delete(self, key: Key, version: int | None) -> None:
        """Delete a task; one that is not there is deleted, as after a first attempt whose answer was lost.

        One that is archived is not there either, and stays for its time to live: a caller's deletion is not archived.
        """
        try:
            self._call("delete_item", Key=key_of(key), **deletion(version, int(self._clock())), **RETURNING)
        except _Refused as refused:
            if not self._has_expired(refused.item):
                raise changed_meanwhile(entity_tag(version_of(refused.item))) from None

    def page(self, list_id: str, limit: int, after: str | None) -> tuple[list[Image], str | None]:
        """Return some of a list's tasks in the order of their ids, and the id to go on after, if there are more."""
        start = {"ExclusiveStartKey": key_of((list_id, after))} if after else {}
        answer = self._call(
            "query",
            KeyConditionExpression="listId = :list AND begins_with(taskId, :task)",
            ExpressionAttributeValues={":list": {"S": list_id}, ":task": {"S": TASK_ID_PREFIX}},
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey", {}).get("taskId", {}).get("S")
        return [item for item in answer["Items"] if not _defect(item) and not self._has_expired(item)], last

    def _change(
        self,
        key: Key,
        changes: Mapping[str, str | None],
        version: int | None,
        may_be_done: Callable[[Image], bool],
        more: str = "",
    ) -> Image:
        assignments = {name: None if text is None else {"S": text} for name, text in changes.items()}
        try:
            return self._update(key, update(assignments, version, int(self._clock()), more))
        except _Refused as refused:
            item = refused.item
            self._check(key, item)
            as_wanted = all(item.get(name) == value for name, value in assignments.items())
            if as_wanted and may_be_done(item):
                return item
            raise self._reason(key, item) from None

    def _update(self, key: Key, expressions: Mapping[str, Any]) -> Image:
        answer = self._call("update_item", Key=key_of(key), ReturnValues="ALL_NEW", **RETURNING, **expressions)
        return _well_formed(answer["Attributes"])  # some defects no condition can tell, such as a date that is none

    def _check(self, key: Key, item: Image) -> None:
        """Raise where there is no task, or none that anybody could understand."""
        if not item or self._has_expired(item):
            raise no_task(*key)
        _well_formed(item)

    def _reason(self, key: Key, item: Image) -> Problem:
        """Return why a change found its condition unmet."""
        self._check(key, item)
        return changed_meanwhile(entity_tag(version_of(item)))

    def _has_expired(self, item: Image) -> bool:
        """Tell a task that DynamoDB is yet to delete (Developer Guide, "Working with expired items")."""
        expires = item.get("expiresAt", {}).get("N")
        return expires is not None and float(expires) <= self._clock()

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        with refusals_translated(f"{operation} on {self._table}"):
            try:
                answer: dict[str, Any] = getattr(self._client, operation)(TableName=self._table, **parameters)
                return answer
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    found: Any = error.response
                    raise _Refused(found.get("Item", {})) from error
                raise


class _Refused(Exception):
    """A condition was not met by the ``item`` that is there; empty for none."""

    def __init__(self, item: Image) -> None:
        super().__init__("condition not met")
        self.item = item


def _well_formed(item: Image) -> Image:
    """Return the item of a task that anybody could understand; raise for any other."""
    if defect := _defect(item):
        raise not_a_task(item["listId"]["S"], item["taskId"]["S"], defect)
    return item


def _defect(item: Image) -> str:
    try:
        task_from_image(item)
    except PoisonRecord as error:
        return error.reason
    return ""
