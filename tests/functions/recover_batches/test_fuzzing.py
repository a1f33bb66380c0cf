"""On-failure messages, spoilt: each is recovered, parked or comes back, and the good one beside it is recovered."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import bridged_creation, notification, queue_message
from functions.recover_batches import app
from input_times import bounded
from invocations import Context
from mutations import fuzzed, spoilt
from recovery_world import World

Json = dict[str, Any]


def messages(world: World, numbers: list[str]) -> list[Json]:
    """What leads to a failed batch, in the envelopes that there are."""
    plain = world.failed(numbers[0], numbers[-1], batch_size=len(numbers))
    return [
        plain,
        notification(json.dumps(plain)),
        world.announced(),
        bridged_creation(world.names["failed_bucket"], world.key()),
        plain
        | {"payloadStoredIn": {"bucket": world.names["failed_bucket"], "key": world.key("gone"), "version": None}},
    ]


def kept(world: World) -> list[str]:
    """What of a bad message may be found afterwards: deliveries, and objects as they were last written."""
    listed = world.client_of("s3").list_objects_v2(Bucket=world.names["bucket"]).get("Contents", ())
    return [f"{one['Key']} {one['LastModified']} {one['ETag']}" for one in listed]


@pytest.fixture
def quick(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("changestream.recovery.refetch.EMPTY_PAGES_BORNE", 2)
    monkeypatch.setattr("changestream.recovery.shard_reader.TableStreamReader.seconds_between_reads", 0.0)
    return world


@fuzzed(10)
@given(data=st.data())
def test_a_spoilt_message_is_recovered_or_parked_or_comes_back_and_harms_none_beside_it(
    quick: World, data: st.DataObject
) -> None:
    numbers = quick.write("a", "b")
    quick.keep(quick.failed_with_payload(quick.event_records()))
    bad = queue_message(data.draw(spoilt(data.draw(st.sampled_from(messages(quick, numbers))))), "bad")
    attributes = data.draw(st.just(bad["attributes"]) | spoilt(bad["attributes"]))
    good = queue_message(quick.failed(numbers[0], numbers[0]), "good")
    parked, delivered = kept(quick), len(quick.deliveries())

    with bounded(bad["body"]):
        response = app.lambda_handler({"Records": [bad | {"attributes": attributes}, good]}, Context(300))

    named = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
    assert named in ([], ["bad"])
    deliveries = quick.delivered()[delivered:]
    assert [numbers[0]] in deliveries
    deliveries.remove([numbers[0]])
    assert named or deliveries or kept(quick) != parked or waits(quick, bad["body"])


def waits(world: World, body: str) -> bool:
    """Tell whether the message was divided, or had nothing to say."""
    return '"Event"' in body or bool(world.queued())
