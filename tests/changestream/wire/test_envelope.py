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


def test_a_notification_of_several_objects_is_divided_and_what_names_no_object_is_told() -> None:
    several = object_created("failed", "a", "b", "b")
    several["Records"].insert(1, {"eventSource": "aws:sqs"})

    divided = opened(json.dumps(several))

    assert isinstance(divided, Several)
    assert [opened(body) for body in divided.bodies.values()] == [Enclosed(stored=one) for one in divided.bodies]
    assert list(divided.bodies) == [StoredObject("failed", key) for key in ("a", "b")]
    assert divided.problems == ["neither an on-failure message nor a notification of S3"]


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


def enclosed(text: str, times: int) -> str:
    """The text in so many envelopes of SNS."""
    return enclosed(json.dumps(notification(text)), times - 1) if times else text


def test_a_message_in_as_many_envelopes_as_are_allowed_is_opened() -> None:
    assert opened(enclosed(MESSAGE, 3)) == Enclosed(text=MESSAGE)


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
        (json.dumps(notification(MESSAGE) | {"Message": {}}), "an SNS notification with Message <map, 0 entries>"),
        (json.dumps(removal()), "about 'ObjectRemoved:Delete'"),
        (json.dumps(bridged_creation("b", "k") | {"detail-type": "Object Deleted"}), "about 'Object Deleted'"),
        (json.dumps(object_created("", KEY)), "name ''"),
        (json.dumps(object_created("failed", "k" * 1025)), "a key of 1025 bytes"),
        (json.dumps(bridged_creation("failed", "\ud800")), "no Unicode text"),
        (json.dumps(object_created("failed", KEY, version="v 1")), "no version of an object"),
        (json.dumps(object_created("failed", KEY, version="v" * 1025)), "no version of an object"),
        (json.dumps(object_created("failed", KEY)).replace(KEY.replace("/", "%2F"), "\\ud800"), "no Unicode text"),
        (json.dumps({"Records": [1] * 101}), "a notification of 101 objects"),
        (enclosed(MESSAGE, 5), "more than 4 envelopes"),
        ('{"a": NaN}', "NaN is no JSON"),
        ('{"a": [-Infinity]}', "-Infinity is no JSON"),
        ('{"a": 1e400}', "too large"),
        ('{"a": %s}' % ("9" * 5000), "not JSON"),
        ('{"a": %s}' % ("[" * 200 + "]" * 200), "nested more than 100 levels deep"),
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
