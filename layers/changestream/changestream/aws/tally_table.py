"""Membership rows and the totals of their group in one DynamoDB table, written in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.errors import Conflict, TransientError, Unprocessable
from changestream.core.position import Position
from changestream.core.tally import Member, MemberWrite, Settlement

READ_LIMIT = 100
"""Keys of one BatchGetItem (API reference)."""

WRITE_LIMIT = 99
"""Membership rows of one transaction: its 100 actions less the totals (API reference, ``TransactWriteItems``)."""

Key = tuple[str, str]
"""(group, member)"""


class TallyTable:
    """The table of a tally: HASH ``group_key``, RANGE ``member_key``; the totals stand under ``totals_id``.

    A tombstone expires by the table's TTL on ``expiresAt``, a time that the caller gives.
    """

    def __init__(self, client: Any, table: str, group_key: str, member_key: str, totals_id: str) -> None:
        self._client = client
        self._table = table
        self._group_key = group_key
        self._member_key = member_key
        self._totals_id = totals_id

    def read(self, keys: Sequence[Key]) -> dict[Key, Member]:
        """Return the membership rows that exist, of up to ``READ_LIMIT`` keys, strongly consistent.

        Raises ``TransientError`` where the table refuses or leaves keys unread.
        """
        request: dict[str, Any] = {"Keys": [self._item_key(*key) for key in keys], "ConsistentRead": True}
        rows: dict[Key, Member] = {}
        for _ in range(3):
            with refusals_translated(f"reading {len(keys)} rows of {self._table}"):
                answer = self._client.batch_get_item(RequestItems={self._table: request})
            for item in answer["Responses"].get(self._table, ()):
                rows[item[self._group_key]["S"], item[self._member_key]["S"]] = _member(item)
            request = answer.get("UnprocessedKeys", {}).get(self._table)
            if not request:
                return rows
        raise TransientError(f"{len(request['Keys'])} rows of {self._table} stayed unread: it is throttled")

    def write(self, group: str, settlement: Settlement, tombstone_expires_at: int) -> None:
        """Write rows and totals together, or nothing.

        Raises ``Conflict`` where a row no longer stands as it was read or another transaction is at it,
        ``Unprocessable`` where DynamoDB will never take one of the rows, ``TransientError`` where it refuses for now.
        """
        actions = [self._put(group, write, tombstone_expires_at) for write in settlement.writes]
        if settlement.totals:
            actions.append(self._add(group, settlement.totals))
        with refusals_translated(f"writing {len(actions)} rows of {self._table}"):
            try:
                self._client.transact_write_items(TransactItems=actions)
            except ClientError as error:
                if error_code(error) == "TransactionCanceledException":
                    raise _cancellation(error) from error
                raise

    def _item_key(self, group: str, member: str) -> dict[str, Any]:
        return {self._group_key: {"S": group}, self._member_key: {"S": member}}

    def _put(self, group: str, write: MemberWrite, tombstone_expires_at: int) -> dict[str, Any]:
        item = self._item_key(group, write.member_id) | {"watermark": {"S": write.after.watermark}}
        if write.after.status is None:
            item |= {"present": {"BOOL": False}, "expiresAt": {"N": str(tombstone_expires_at)}}
        else:
            item |= {"present": {"BOOL": True}, "status": {"S": write.after.status}}
        put: dict[str, Any] = {"TableName": self._table, "Item": item}
        if write.before is None:
            put["ConditionExpression"] = "attribute_not_exists(watermark)"
        else:
            put["ConditionExpression"] = "watermark = :read"
            put["ExpressionAttributeValues"] = {":read": {"S": write.before.watermark}}
        return {"Put": put}

    def _add(self, group: str, totals: Mapping[str, int]) -> dict[str, Any]:
        names = sorted(totals)
        return {
            "Update": {
                "TableName": self._table,
                "Key": self._item_key(group, self._totals_id),
                "UpdateExpression": "ADD " + ", ".join(f"#{i} :{i}" for i in range(len(names))),
                "ExpressionAttributeNames": {f"#{i}": name for i, name in enumerate(names)},
                "ExpressionAttributeValues": {f":{i}": {"N": str(totals[name])} for i, name in enumerate(names)},
            }
        }


def _member(item: Mapping[str, Any]) -> Member:
    return Member(Position(item["watermark"]["S"]), item["status"]["S"] if item["present"]["BOOL"] else None)


def _cancellation(error: ClientError) -> Conflict | Unprocessable | TransientError:
    """Tell by the codes of the cancellation reasons (API reference, ``TransactionCanceledException``)."""
    codes = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())} - {"None"}
    if codes & {"ValidationError", "ItemCollectionSizeLimitExceeded"}:
        return Unprocessable(str(error))
    if codes and codes <= {"ConditionalCheckFailed", "TransactionConflict"}:
        return Conflict(str(error))
    return TransientError(str(error))
