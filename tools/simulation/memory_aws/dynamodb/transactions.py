"""TransactWriteItems: all of it or nothing, and once for one token.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulation.memory_aws.dynamodb.expressions import NOT_MET, Expressions
from simulation.memory_aws.dynamodb.items import ON_FAILURE, put_of, update_of, updated
from simulation.memory_aws.dynamodb.table import Place, Table
from simulation.memory_aws.dynamodb.tables import Tables
from simulation.memory_aws.dynamodb.values import Item, copied, received_item
from simulation.memory_aws.errors import Refusal, invalid
from simulation.memory_aws.hook import Answer, Call

MOST = 100
TOKEN_SECONDS = 600
KINDS = ("Put", "Update", "Delete", "ConditionCheck")
NO_REASON = {"Code": "None"}


@dataclass(frozen=True, slots=True)
class _Action:
    kind: str
    parameters: Mapping[str, Any]
    expressions: Expressions
    table: Table
    place: Place
    item: Item
    """What is put, or the key."""


class TransactionCalls:
    """``TransactWriteItems`` of one region."""

    def __init__(self, tables: Tables, now: Callable[[], float]) -> None:
        self._tables = tables
        self._now = now
        self._done: dict[str, tuple[Any, float]] = {}

    def transact_write_items(self, call: Call) -> Answer:
        entries, token = call.parameters["TransactItems"], call.parameters["ClientRequestToken"]
        if self._is_done(token, entries):
            return {}
        if len(entries) > MOST:
            raise invalid(
                "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have "
                f"length less than or equal to {MOST}"
            )
        actions = [self._action(entry) for entry in entries]
        if len({(action.table.name, action.place) for action in actions}) < len(actions):
            raise invalid("Transaction request cannot include multiple operations on one item")
        results = [_result(action) for action in actions]
        reasons = [result if isinstance(result, dict) else NO_REASON for result in results]
        if any(reason is not NO_REASON for reason in reasons):
            raise cancelled(reasons)
        for action, result in zip(actions, results, strict=True):
            if isinstance(result, _Written):
                action.table.write(action.place, result.item)
        self._done[token] = entries, self._now()
        return {}

    def _is_done(self, token: str, entries: Any) -> bool:
        """Tell whether a transaction with the token went through less than ten minutes ago."""
        done = self._done.get(token)
        if done is None or self._now() - done[1] > TOKEN_SECONDS:
            return False
        if done[0] != entries:
            raise Refusal(
                "IdempotentParameterMismatchException",
                "The parameters of the transaction do not match those of the one with the same token",
            )
        return True

    def _action(self, entry: Mapping[str, Any]) -> _Action:
        if len(entry) != 1:
            raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
        ((kind, parameters),) = entry.items()
        expressions = Expressions(parameters)
        expressions.complete()
        table = self._tables.table(parameters["TableName"])
        if kind == "Put":
            item, place = put_of(table, parameters)
        elif kind == "Update":
            item, place = update_of(table, parameters, expressions.update)
        else:
            item = received_item(parameters["Key"])
            place = table.place_of_key(item)
        return _Action(kind, parameters, expressions, table, place, item)


@dataclass(frozen=True, slots=True)
class _Written:
    item: Item | None


def _result(action: _Action) -> dict[str, Any] | _Written | None:
    """Return what an action writes, if anything, or the reason for which it cancels the transaction."""
    old = action.table.get(action.place)
    if not action.expressions.met_by(old):
        reason: dict[str, Any] = {"Code": "ConditionalCheckFailed", "Message": NOT_MET}
        if old is not None and action.parameters.get(ON_FAILURE) == "ALL_OLD":
            reason["Item"] = copied(old)
        return reason
    match action.kind:
        case "Put":
            return _Written(action.item)
        case "Delete":
            return _Written(None)
        case "ConditionCheck":
            return None
    try:
        return _Written(updated(action.table, action.item, old, action.expressions))
    except Refusal as refusal:
        return {"Code": "ValidationError", "Message": refusal.message}


def cancelled(reasons: list[dict[str, Any]]) -> Refusal:
    """Return the refusal of a transaction: a reason for each of its actions, ``NO_REASON`` for those not to blame."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return Refusal(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )
