"""Events of the HTTP API, spoilt anywhere: each is answered."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import app
from functions.tasks_api.api_requests import Api
from input_times import bounded
from invocations import Context, sample
from mutations import fuzzed, spoilt

EVENTS = [sample(f"api-{name}.json") for name in ("create", "list", "openapi", "wrong-input")]


@fuzzed(40)
@given(event=st.sampled_from(EVENTS).flatmap(spoilt))
def test_a_spoilt_event_is_answered_with_success_or_a_well_formed_problem(api: Api, event: dict[str, Any]) -> None:
    with bounded(event):
        answered = app.lambda_handler(event, Context())

    assert json.loads(json.dumps(answered)) == answered
    if answered["statusCode"] >= 400:
        problem = json.loads(answered["body"])
        assert problem["status"] == answered["statusCode"]
        assert {"type", "title", "detail", "requestId"} <= problem.keys()
