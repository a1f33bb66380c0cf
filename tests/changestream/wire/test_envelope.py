import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import TEST_EVENT, bridged_creation, failure_message, notification, object_created
from changestream.core.errors import MalformedMessage
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.envelope import Enclosed, Nothing, Several, StoredObject, opened
from changestream.wire.failure_message import failed_batch, narrowed

MESSAGE = json.dumps(failure_message("5", "9", batch_size=5))
KEY = "aws/lambda/6f6e1b9a-7a2b-xmpl/shardId-00000001573689847184-864758bb/2026/01/01/2026-01-01T00.01.00-a1b2c3"
STORED = StoredObject("failed", KEY, "v1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("body", [MESSAGE, json.dumps(notification(MESSAGE))], ids=["as it is", "from a topic"])
def test_an_on_failure_message_comes_out_as_it_went_in(body: str) -> None:
    assert opened(body) == Enclosed(text=MESSAGE)


@pytest.mark.parametrize("key", [KEY, "a b+c/100 %/ü"])
def test_an_object_is_found_by_its_key_whoever_announces_it(key: str) -> None:
    announced = object_created("failed", key), bridged_creation("failed", key)
    through_a_topic = [notification(json.dumps(one)) for one in announced]

    found = [opened(json.dumps(body)) for body in (*announced, *through_a_topic)]

    assert found == [Enclosed(stored=StoredObject("failed", key))] * 4


def test_the_version_that_was_written_is_the_one_to_read() -> None:
    bridged = bridged_creation("failed", KEY)
    bridged["detail"]["object"]["version-id"] = "v1"

    found = [opened(json.dumps(body)) for body in (object_created("failed", KEY, version="v1"), bridged)]

    assert found == [Enclosed(stored=STORED)] * 2


def test_a_notification_of_several_objects_becomes_one_for_each_and_a_bad_one_harms_none() -> None:
    several = object_created("failed", "a", "b")
    several["Records"].insert(1, {"eventSource": "aws:s3"})

    divided = opened(json.dumps(several))

    assert isinstance(divided, Several)
    first, bad, last = divided.bodies
    assert [opened(first), opened(last)] == [Enclosed(stored=StoredObject("failed", key)) for key in ("a", "b")]
    with pytest.raises(MalformedMessage):
        opened(bad)


@pytest.mark.parametrize("body", [TEST_EVENT, notification(json.dumps(TEST_EVENT))], ids=["as it is", "from a topic"])
def test_the_test_event_holds_nothing(body: dict[str, Any]) -> None:
    assert opened(json.dumps(body)) == Nothing()


def test_the_rest_of_a_batch_that_is_kept_in_an_object_says_where_its_payload_is() -> None:
    kept = json.dumps(failure_message("5", "9", batch_size=5) | {"payload": "x" * 1000})

    body = narrowed(kept, SequenceNumber.parse("7"), 3, STORED)

    enclosed = opened(body)
    assert isinstance(enclosed, Enclosed)
    assert enclosed.stored == STORED
    rest = failed_batch(enclosed.text or "")
    assert (rest.start.text, rest.end.text, rest.batch_size, rest.payload) == ("7", "9", 3, None)
    assert len(body) < 1200


def test_the_key_tells_of_a_batch_whose_object_is_gone() -> None:
    known = STORED.known()

    assert known["mappingUuid"] == "6f6e1b9a-7a2b-xmpl"
    assert known["shardId"] == "shardId-00000001573689847184-864758bb"
    assert known["discardedAt"] == "2026-01-01T00.01.00"
    assert (known["bucket"], known["key"], known["version"]) == ("failed", KEY, "v1")


def removal() -> dict[str, Any]:
    body = object_created("failed", KEY)
    body["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    return body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "a JSON list"),
        (json.dumps(notification("{")), "not JSON"),
        (json.dumps(notification(MESSAGE) | {"Message": {}}), "an SNS notification with Message {}"),
        (json.dumps(removal()), "about 'ObjectRemoved:Delete'"),
        (json.dumps(bridged_creation("b", "k") | {"detail-type": "Object Deleted"}), "about 'Object Deleted'"),
        (json.dumps(object_created("", KEY)), "name ''"),
        (json.dumps(object_created("failed", "k" * 1025)), "a key of 1025 bytes"),
        (json.dumps(bridged_creation("failed", "\ud800")), "no Unicode text"),
        ('{"Records": []}', "a notification without Records"),
        ('{"Records": [{"eventSource": "aws:sqs"}]}', "neither an on-failure message nor a notification of S3"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_is_wrong_with_an_envelope_is_named(body: str, reason: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        opened(body)

    assert reason in caught.value.reason


def spoilt(document: Any, path: list[int], value: Any) -> Any:
    """The document with the value somewhere in it, or with something missing."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    copy: Any = dict(document) if isinstance(document, dict) else dict(enumerate(document))
    name = list(copy)[path[0] % len(copy)]
    copy[name] = spoilt(copy[name], path[1:], value)
    return copy if isinstance(document, dict) else list(copy.values())


ENVELOPES = (
    failure_message("5", "9"),
    notification(MESSAGE),
    object_created("failed", KEY),
    bridged_creation("failed", KEY),
    TEST_EVENT,
)


@given(st.sampled_from(ENVELOPES), st.lists(st.integers(0, 9), max_size=5), JSON)
def test_an_envelope_spoilt_anywhere_is_opened_or_malformed_and_nothing_worse(
    envelope: dict[str, Any], path: list[int], value: Any
) -> None:
    body = json.dumps(spoilt(envelope, path, value))

    with suppress(MalformedMessage):
        found = opened(body)
        if isinstance(found, Enclosed) and found.text is not None:
            failed_batch(found.text)
