"""What a redelivery makes of the answers of a function, also of one that answers anything."""

import json
from io import BytesIO
from typing import Any

import pytest

from builders import function_arn, sequence_number, table_record, task
from changestream.core.batch import LONGEST_REASON
from changestream.core.deadline import Deadline
from changestream.core.errors import TransientError
from changestream.core.redelivery import Answer, Applied, Crashed, Refused
from changestream.recovery.consumers import Consumers
from changestream.recovery.function import ConsumerFunction

ARN = function_arn("consumer")


class Lambda:
    """A client whose one function gives one answer."""

    def __init__(self, payload: bytes, error: str | None) -> None:
        self._payload = payload
        self._error = error

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": BytesIO(self._payload)} | ({"FunctionError": self._error} if self._error else {})


def delivered(answer: Any, error: str | None = None) -> Answer:
    client = Lambda(json.dumps(answer).encode(), error)
    function = ConsumerFunction(client, ARN, Deadline(lambda: 900.0, 1.0), Consumers((ARN,), 60))
    return function.deliver([table_record(1, task())])


@pytest.mark.parametrize("kind", [[], {}, ["Runtime.ImportModuleError"], {"a": 1}, 5, None])
def test_an_error_type_that_is_not_text_is_a_crash(kind: Any) -> None:
    assert isinstance(delivered({"errorType": kind, "errorMessage": {"a": []}}, "Unhandled"), Crashed)


def test_a_function_error_is_named_by_its_type_and_message() -> None:
    assert delivered({"errorType": "KeyError", "errorMessage": "'id'"}, "Unhandled") == Crashed("KeyError: 'id'")


@pytest.mark.parametrize("kind", [[], {}, ["poison"], 5, None, "other"])
def test_a_record_reported_without_a_known_reason_has_no_kind(kind: Any) -> None:
    answer = delivered(reported({"kind": kind, "reason": "x"}))

    assert isinstance(answer, Refused)
    assert answer.kind is None


def reported(failure: Any) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": sequence_number(1)}], "failure": failure}


def test_a_function_that_cannot_be_loaded_is_unavailable() -> None:
    with pytest.raises(TransientError, match=r"cannot be loaded: Runtime\.ImportModuleError"):
        delivered({"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"}, "Unhandled")


LONG = "\x1b[31m" + "x" * 100_000


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reported({"kind": "poison", "reason": LONG}), None),
        (reported({"kind": "poison", "reason": [LONG]}), None),
        ({"errorType": LONG, "errorMessage": "x"}, "Unhandled"),
        ({"errorType": "KeyError", "errorMessage": LONG}, "Unhandled"),
        ({"batchItemFailures": [{"itemIdentifier": LONG}]}, None),
    ],
)
def test_the_reason_of_an_answer_is_short_and_printable(answer: Any, error: str | None) -> None:
    found = delivered(answer, error)

    assert isinstance(found, Crashed | Refused)
    assert len(found.reason) < 2 * LONGEST_REASON
    assert found.reason.isprintable()


def test_the_reason_of_a_function_that_cannot_be_loaded_is_short_and_printable() -> None:
    with pytest.raises(TransientError) as raised:
        delivered({"errorType": "Runtime.ImportModuleError", "errorMessage": LONG}, "Unhandled")

    assert len(raised.value.reason) < 2 * LONGEST_REASON
    assert raised.value.reason.isprintable()


@pytest.mark.parametrize("response", ["Successfully processed 1 records.", "OK", True, [1], 200, None, {}])
def test_a_response_that_reports_nothing_is_a_success(response: Any) -> None:
    assert delivered(response) == Applied()


def test_every_record_that_a_response_names_is_reported() -> None:
    client = Lambda(
        json.dumps({"batchItemFailures": [{"itemIdentifier": sequence_number(n)} for n in (3, 1)]}).encode(), None
    )
    function = ConsumerFunction(client, ARN, Deadline(lambda: 900.0, 1.0), Consumers((ARN,), 60))

    answer = function.deliver([table_record(n, task()) for n in (1, 2, 3)])

    assert isinstance(answer, Refused)
    assert list(answer.indexes) == [0, 2]
