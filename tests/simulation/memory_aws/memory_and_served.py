"""The same calls on services in memory and on the served endpoint, and what came of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from botocore.exceptions import ClientError

Json = dict[str, Any]
UNASKED = ("ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics")
"""What a call answers for people, or what AWS answers only where it is asked for."""

Step = tuple[str, Json]
"""An operation by its name in boto3, and its parameters."""

KEYS = ("listId", "taskId")


@dataclass(frozen=True, slots=True)
class Both:
    """A client of each, and a table of the same name, keys and stream in both."""

    memory: Any
    served: Any
    table: str

    def outcomes(self, steps: Iterable[Step]) -> tuple[list[Json], list[Json]]:
        """Carry the steps out on either side; return what came of each."""
        listed = list(steps)
        sides = ([outcome(client, step, self.table) for step in listed] for client in (self.memory, self.served))
        memory, served = sides
        return memory, served

    def rows(self) -> tuple[list[Json], list[Json]]:
        """Return what the tables hold."""
        memory, served = (
            sorted(comparable(client.scan(TableName=self.table, ConsistentRead=True)["Items"]), key=by_key)
            for client in (self.memory, self.served)
        )
        return memory, served


def by_key(row: Json) -> tuple[str, ...]:
    """Return what rows are sorted by."""
    return tuple(row[name]["S"] for name in KEYS)


def outcome(client: Any, step: Step, table: str = "") -> Json:
    """Return a call's answer, or its error without the words: code, and what AWS tells besides."""
    operation, parameters = step
    try:
        answer = getattr(client, operation)(**_for_table(parameters, table))
    except ClientError as error:
        response: Any = error.response
        codes = {reason["Code"] for reason in response.get("CancellationReasons", ())}
        if "ValidationError" in codes:
            return {"error": "ValidationException"}  # so the endpoint answers; the layer takes both for the same
        reasons = [
            {key: reason.get(key) for key in ("Code", "Item")} for reason in response.get("CancellationReasons", ())
        ]
        if response["Error"]["Code"] == "ValidationException":
            return {"error": "ValidationException"}
        told: Json = {"error": response["Error"]["Code"], "item": response.get("Item"), "reasons": reasons}
        return dict(comparable(told))
    return {name: comparable(value) for name, value in answer.items() if name not in UNASKED}


def comparable(value: Any) -> Any:
    """Return an answer's part with sets in one order, for they have none, and numbers by their worth.

    The endpoint keeps some numbers as they were written; DynamoDB, and memory, without needless zeros.
    """
    match value:
        case {"N": str(digits)}:
            return {"N": str(Fraction(digits))}
        case {"SS": [*elements]}:
            return {"SS": sorted(elements)}
        case dict():
            return {name: comparable(inner) for name, inner in value.items()}
        case list():
            return [comparable(each) for each in value]
    return value


def _for_table(parameters: Any, table: str) -> Any:
    """Return parameters with the table's name where they have "TABLE"."""
    if isinstance(parameters, Mapping):
        return {table if name == "TABLE" else name: _for_table(value, table) for name, value in parameters.items()}
    if isinstance(parameters, list):
        return [_for_table(each, table) for each in parameters]
    return table if parameters == "TABLE" else parameters


def key(list_id: str = "a", task_id: str = "1") -> Json:
    return {"listId": {"S": list_id}, "taskId": {"S": task_id}}


def text(value: str) -> Json:
    return {"S": value}


def number(value: object) -> Json:
    return {"N": str(value)}
