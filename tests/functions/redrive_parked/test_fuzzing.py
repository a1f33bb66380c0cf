"""Parked objects and requests, spoilt: what cannot be read is left alone, and a good object beside it is delivered."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.redrive_parked import app
from input_times import bounded
from invocations import Context, sample
from mutations import fuzzed, spoilt
from recovery_world import World

Json = dict[str, Any]


@fuzzed(8)
@given(data=st.data())
def test_a_spoilt_object_is_delivered_or_left_alone_and_holds_up_no_other(world: World, data: st.DataObject) -> None:
    s3, bucket = world.client_of("s3"), world.names["bucket"]
    numbers = world.write("poison")
    world.recover(world.failed(numbers[0], numbers[0]))
    listed = world.keys()
    (key,) = [one for one in listed if one.endswith(f"{numbers[0]}.json")]
    document = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
    text = json.dumps(data.draw(spoilt(document)))
    cut = data.draw(st.just(len(text)) | st.integers(0, len(text)))
    bad = f"{key}.bad"
    s3.put_object(Bucket=bucket, Key=bad, Body=text[:cut].encode())
    delivered = len(world.deliveries())

    with bounded(text[:cut]):
        report = app.lambda_handler({"keys": [bad, key]}, Context(300))

    assert world.delivered()[-1] == [numbers[0]]
    assert key in report["kept"]
    left = world.keys()
    assert bad in left or len(world.deliveries()) > delivered + 1
    s3.delete_object(Bucket=bucket, Key=bad)


REQUESTS = st.sampled_from([{"prefix": "parked/"}, {"keys": ["parked/x"]}, sample("schedule-redrive.json")])


@fuzzed(10)
@given(event=REQUESTS.flatmap(spoilt))
def test_a_spoilt_request_is_carried_out_or_refused(world: World, event: Json) -> None:
    with suppress(ValueError), bounded(event):
        report = app.lambda_handler(event, Context(300))

        assert report["applied"] == 0
