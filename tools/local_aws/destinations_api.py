"""EnableKinesisStreamingDestination and its kin, which moto lacks.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html
"""

from __future__ import annotations

from typing import Any

from .capture import Destination, Precision
from .table import StreamedTable
from .tables import StreamedTables
from .wire import ServiceError

_PRECISION = "ApproximateCreationDateTimePrecision"


class DestinationsApi:
    def __init__(self) -> None:
        self._operations = {
            "EnableKinesisStreamingDestination": _enable,
            "DisableKinesisStreamingDestination": _disable,
            "UpdateKinesisStreamingDestination": _update,
            "DescribeKinesisStreamingDestination": _describe,
        }

    def serves(self, operation: str) -> bool:
        return operation in self._operations

    def answer(self, operation: str, tables: StreamedTables, call: dict[str, Any]) -> dict[str, Any]:
        return self._operations[operation](tables.streamed(call["TableName"]), call)


def _enable(table: StreamedTable, call: dict[str, Any]) -> dict[str, Any]:
    destinations, arn = table.backend.capture.destinations(table), call["StreamArn"]
    if arn in destinations and destinations[arn].active:
        raise _wrong_state("DISABLED", "ENABLE")
    settings = call.get("EnableKinesisStreamingConfiguration", {})
    precision = settings.get(_PRECISION)
    if not table.backend.capture.exists(arn):
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Kinesis stream {arn}")
    destinations[arn] = Destination(arn, _precision(precision) if precision else None)
    return _answer(table, arn, "ENABLING", EnableKinesisStreamingConfiguration=settings)


def _disable(table: StreamedTable, call: dict[str, Any]) -> dict[str, Any]:
    _active(table, call["StreamArn"], "DISABLE").active = False
    return _answer(table, call["StreamArn"], "DISABLING", EnableKinesisStreamingConfiguration={})


def _update(table: StreamedTable, call: dict[str, Any]) -> dict[str, Any]:
    destination = _active(table, call["StreamArn"], "UPDATE")
    settings = call.get("UpdateKinesisStreamingConfiguration", {})
    if _PRECISION in settings:
        destination.precision = _precision(settings[_PRECISION])
    return _answer(table, call["StreamArn"], "UPDATING", UpdateKinesisStreamingConfiguration=settings)


def _precision(name: str) -> Precision:
    try:
        return Precision(name)
    except ValueError:
        raise ServiceError("ValidationException", f"{name} is no {_PRECISION}") from None


def _describe(table: StreamedTable, call: dict[str, Any]) -> dict[str, Any]:
    del call
    return {
        "TableName": table.name,
        "KinesisDataStreamDestinations": [
            {
                "StreamArn": destination.stream_arn,
                "DestinationStatus": "ACTIVE" if destination.active else "DISABLED",
                **({_PRECISION: destination.precision} if destination.precision else {}),
            }
            for destination in table.backend.capture.destinations(table).values()
        ],
    }


def _active(table: StreamedTable, arn: str, wish: str) -> Destination:
    destination = table.backend.capture.destinations(table).get(arn)
    if destination is None or not destination.active:
        raise _wrong_state("ACTIVE", wish)
    return destination


def _wrong_state(state: str, wish: str) -> ServiceError:
    return ServiceError(
        "ValidationException",
        "Table is not in a valid state to enable Kinesis Streaming Destination: KinesisStreamingDestination must be "
        f"{state} to perform {wish} operation.",
    )


def _answer(table: StreamedTable, arn: str, status: str, **settings: Any) -> dict[str, Any]:
    return {"TableName": table.name, "StreamArn": arn, "DestinationStatus": status, **settings}
