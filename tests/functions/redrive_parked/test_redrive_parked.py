import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from changestream.aws import clients
from changestream.recovery.consumers import DELIVERY_SECONDS
from changestream.recovery.parked_records import ParkedRecords
from functions.redrive_parked import app
from invocations import Context, sample
from recovery_world import CONSUMER, CONSUMER_SECONDS, World, zipped

Json = dict[str, Any]

SCHEDULED = sample("schedule-redrive.json")
EVERYTHING = {"prefix": "parked/"}


def redrive(event: Json, *, after_seconds: float = 0, seconds_left: float = 300) -> Json:
    """Invoke the function as if so much time had passed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("functions.redrive_parked.app.time", lambda: time.time() + after_seconds)
        report: Json = app.lambda_handler(event, Context(seconds_left))
        return report


@pytest.fixture
def poisoned(world: World) -> World:
    """A world in which one record of three is parked."""
    numbers = world.write("a", "poison", "c")
    world.recover(world.failed(numbers[0], numbers[2], batch_size=3))
    return world


@pytest.fixture
def refused(world: World) -> World:
    """A world in which three records are parked together, because a dependency refused for too long."""
    numbers = world.write("unavailable", "b", "poison")
    world.recover(world.failed(numbers[0], numbers[2], batch_size=3, timestamp="2026-01-01T00:00:00.000Z"))
    assert world.reasons() == ["unavailable"]
    return world


def test_what_rests_is_left_until_its_pause_is_over(poisoned: World) -> None:
    poisoned.heal()

    assert redrive(SCHEDULED)["standings"]["resting"] == 1
    assert poisoned.reasons() == ["poison"]

    assert redrive(SCHEDULED, after_seconds=3600)["applied"] == 1
    assert poisoned.parked() == []


def test_what_somebody_asks_for_goes_at_once_as_it_was_delivered(poisoned: World) -> None:
    ((_, payload),) = poisoned.parked()
    poisoned.heal()

    report = redrive({"keys": poisoned.keys()})

    assert (report["applied"], report["kept"]) == (1, {})
    assert poisoned.deliveries()[-1] == payload


def test_what_fails_again_waits_longer_and_says_why(poisoned: World) -> None:
    redrive(SCHEDULED, after_seconds=3600)

    ((manifest, payload),) = poisoned.parked()
    assert payload
    assert (manifest["redrive"]["rounds"], manifest["redrive"]["lastReason"]) == (1, "it says poison")
    assert "heldBy" not in manifest["redrive"]
    assert redrive(SCHEDULED, after_seconds=3600)["standings"]["resting"] == 1


def test_after_its_rounds_a_record_waits_for_a_person(poisoned: World) -> None:
    day = 86_400
    for n in range(1, 11):
        assert redrive(SCHEDULED, after_seconds=2 * n * day)["standings"]["due"] == 1

    assert redrive(SCHEDULED, after_seconds=100 * day)["standings"]["waiting"] == 1

    poisoned.heal()
    assert redrive(EVERYTHING, after_seconds=100 * day)["applied"] == 1


def test_what_was_parked_so_long_ago_that_tombstones_may_be_gone_is_delivered_to_nobody(poisoned: World) -> None:
    """Every round writes the object anew, so the bucket's lifecycle alone would keep it for as long as that goes on."""
    day = 86_400
    redrive(EVERYTHING, after_seconds=360 * day)
    poisoned.heal()

    report = redrive(EVERYTHING, after_seconds=366 * day)

    assert (report["applied"], report["standings"]["waiting"]) == (0, 1)
    assert len(poisoned.parked()) == 1


def test_of_a_run_of_records_only_what_still_fails_stays_parked(refused: World) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in refused.stream_records()]
    refused.client_of("lambda").update_function_code(FunctionName=refused.names["function"], ZipFile=only_poison())

    report = redrive(EVERYTHING)

    assert report["applied"] == 2
    ((manifest, payload),) = refused.parked()
    assert (manifest["reason"], manifest["startSequenceNumber"], manifest["records"]) == ("poison", numbers[2], 1)
    assert payload
    assert len(payload["Records"]) == 1


def test_a_refusing_dependency_keeps_everything_and_is_not_asked_again_in_the_run(refused: World) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in refused.stream_records()]
    refused.recover(refused.failed(numbers[0], numbers[0], timestamp="2026-01-01T00:00:00.000Z"))
    assert len(refused.parked()) == 2
    delivered = len(refused.deliveries())

    report = redrive(EVERYTHING)

    assert len(refused.deliveries()) == delivered + 1
    assert report["applied"] == 0
    assert len(refused.parked()) == 2


def test_a_function_that_redrive_may_not_invoke_is_not_invoked_and_the_object_says_so(
    poisoned: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned.heal()
    delivered = len(poisoned.deliveries())
    monkeypatch.setenv("CONSUMERS", "arn:aws:lambda:eu-west-1:123456789012:function:another")

    redrive(EVERYTHING)

    ((manifest, payload),) = poisoned.parked()
    assert (manifest["reason"], len(poisoned.deliveries())) == ("function_refused", delivered)
    assert payload


def test_an_object_that_another_run_holds_is_left_to_it(poisoned: World) -> None:
    poisoned.heal()
    hold(poisoned, "2100-01-01T00:00:00.000+00:00")

    report = redrive(EVERYTHING)

    assert (report["applied"], report["standings"]["held"]) == (0, 1)


def test_the_lease_of_a_run_that_died_ends_by_itself(poisoned: World) -> None:
    poisoned.heal()
    hold(poisoned, "2020-01-01T00:00:00.000+00:00")

    assert redrive(EVERYTHING)["applied"] == 1


def test_an_object_that_is_parked_anew_while_it_is_redriven_stays(
    poisoned: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned.heal()
    numbers = [record["dynamodb"]["SequenceNumber"] for record in poisoned.stream_records()]
    remove = ParkedRecords.remove

    def parked_anew(records: ParkedRecords, stored: Any) -> bool:
        document = json.dumps({"manifest": dict(stored.manifest) | {"parkedAt": "x"}, "payload": stored.payload})
        poisoned.client_of("s3").put_object(Bucket=poisoned.names["bucket"], Key=stored.key, Body=document.encode())
        return remove(records, stored)

    monkeypatch.setattr(ParkedRecords, "remove", parked_anew)

    redrive(EVERYTHING)

    assert len(poisoned.parked()) == 1
    assert numbers[1] in poisoned.keys()[0]


def test_a_run_that_dies_before_it_removes_what_it_split_has_lost_nothing(
    refused: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused.client_of("lambda").update_function_code(FunctionName=refused.names["function"], ZipFile=only_poison())

    def die(records: ParkedRecords, stored: Any) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ParkedRecords, "remove", die)
        with pytest.raises(RuntimeError):
            redrive(EVERYTHING)
    assert len(refused.parked()) == 2

    refused.heal()
    report = redrive(EVERYTHING, after_seconds=3600)

    assert report["applied"] == 4
    assert refused.parked() == []


def test_foreign_and_half_written_objects_are_reported_and_left_alone(poisoned: World) -> None:
    poisoned.heal()
    for key, body in {"parked/a/half.json": b'{"manifest": {"ver', "parked/z/foreign.txt": b"\xff\x00"}.items():
        poisoned.client_of("s3").put_object(Bucket=poisoned.names["bucket"], Key=key, Body=body)

    report = redrive(EVERYTHING)

    assert report["applied"] == 1
    assert set(report["unreadable"]) == {"parked/a/half.json", "parked/z/foreign.txt"} == set(poisoned.keys())


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["manifest"].pop("functionArn"),
        lambda document: document["manifest"].update(functionArn=1),
        lambda document: document["manifest"].update(reason=[]),
        lambda document: document["manifest"].update(redrive=["rounds"]),
        lambda document: document["payload"]["Records"].append({}),
        lambda document: document["payload"]["Records"].append("record"),
        lambda document: document["payload"]["Records"][0].update(dynamodb={"SequenceNumber": "x"}),
    ],
)
def test_an_object_that_somebody_spoilt_is_reported_and_holds_up_no_other(
    poisoned: World, change: Callable[[Json], object]
) -> None:
    (document,) = poisoned.documents()
    change(document)
    body = json.dumps(document).encode()
    poisoned.client_of("s3").put_object(Bucket=poisoned.names["bucket"], Key="parked/a/spoilt.json", Body=body)
    poisoned.heal()

    report = redrive(EVERYTHING)

    assert report["applied"] == 1
    assert set(report["unreadable"]) == {"parked/a/spoilt.json"} == set(poisoned.keys())


def test_a_record_that_no_invocation_takes_stays_when_those_beside_it_go(refused: World) -> None:
    ((manifest, payload),) = refused.parked()
    assert payload
    large = payload["Records"][1]
    large["dynamodb"]["NewImage"]["description"] = {"S": "x" * 6_300_000}
    body = json.dumps({"manifest": manifest, "payload": payload}).encode()
    refused.client_of("s3").put_object(Bucket=refused.names["bucket"], Key=refused.keys()[0], Body=body)
    refused.heal()

    report = redrive(EVERYTHING)

    ((left, kept),) = refused.parked()
    assert report["applied"] == 2
    assert (left["reason"], left["records"], kept) == ("over_large", 1, {"Records": [large]})


def test_what_has_no_payload_waits_for_a_person(world: World) -> None:
    world.recover("not JSON")

    report = redrive(EVERYTHING)

    assert report["standings"] == {"due": 0, "resting": 0, "held": 0, "waiting": 1}


def test_a_run_short_of_time_says_that_it_did_not_see_everything(poisoned: World) -> None:
    poisoned.heal()

    report = redrive(EVERYTHING, seconds_left=60)

    assert (report["unseen"], report["applied"]) == (True, 0)


def test_an_object_that_takes_a_whole_run_for_nothing_is_divided_until_each_record_has_its_round(
    refused: World,
) -> None:
    client, context = refused.client_of("lambda"), Context(300)
    client.update_function_code(FunctionName=refused.names["function"], ZipFile=zipped("def handler(*_): 1 / 0"))
    invoking = clients.invoking_client(CONSUMER_SECONDS + DELIVERY_SECONDS)
    invoking.meta.events.register("after-call.lambda.Invoke", lambda **_: setattr(context, "seconds_left", 60))

    for _ in range(8):  # two objects of a run take its time at the same moment, or one after the other
        context.seconds_left = 300
        assert app.lambda_handler(EVERYTHING, context)["unseen"]

    assert [manifest["records"] for manifest, _ in refused.parked()] == [1, 1, 1]
    assert [manifest["reason"] for manifest, _ in refused.parked()] == ["crash"] * 3


@pytest.mark.parametrize("event", [{}, {"prefix": "elsewhere/"}, {"keys": "parked/x"}, {"keys": ["x"]}, {"prefix": 1}])
def test_an_event_that_asks_for_nothing_is_refused(world: World, event: Json) -> None:
    with pytest.raises(ValueError, match="is expected"):
        redrive(event)


def hold(world: World, until: str) -> None:
    """Have another run hold what is parked."""
    client, bucket = world.client_of("s3"), world.names["bucket"]
    for key, (manifest, payload) in zip(world.keys(), world.parked(), strict=True):
        manifest["redrive"] = {"heldBy": "another run", "heldUntil": until}
        client.put_object(Bucket=bucket, Key=key, Body=json.dumps({"manifest": manifest, "payload": payload}).encode())


def only_poison() -> bytes:
    """A consumer whose dependency has come back, and that refuses poison alone."""
    return zipped(CONSUMER.replace('"unavailable"', '"-"'))
