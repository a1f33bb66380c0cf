"""Where a mapping goes on when its endpoint is killed before the mapping has done anything."""

from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService
from local_aws.state import StateDirectory

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"


@pytest.mark.parametrize("enabled", [True, False], ids=["enabled", "disabled"])
def test_a_latest_mapping_that_is_killed_before_its_first_step_misses_nothing(
    archive: Any, journal: Journal, endpoint: str, stream: str, put: Any, seen: Any, eventually: Any, tmp_path: Path,
    enabled: bool,
) -> None:  # fmt: skip
    state = StateDirectory(tmp_path / "state")
    state.begin(lambda: nullcontext({}))
    with closing(LambdaService(ACCOUNT_ID, REGION, endpoint, journal, poll_interval=0.02, state=state)) as killed:
        killed._thread.start = lambda coroutine: coroutine.close()  # type: ignore[method-assign]
        create_telling(killed, archive)
        key = killed.create_event_source_mapping(
            {
                "FunctionName": "consumer",
                "EventSourceArn": stream,
                "StartingPosition": "LATEST",
                "Enabled": enabled,
            }
        )["UUID"]
        snapshot = killed.snapshot()
        state.close()
    put("between")

    later = StateDirectory(tmp_path / "state")
    later.load({})
    with closing(LambdaService(ACCOUNT_ID, REGION, endpoint, journal, poll_interval=0.02)) as next_one:
        next_one.restore(snapshot, later.notes.get("checkpoints", {}))
        next_one.resume()
        eventually(lambda: next_one.get_event_source_mapping({"UUID": key})["State"] in ("Enabled", "Disabled"))
        if not enabled:
            next_one.update_event_source_mapping({"UUID": key, "Enabled": True})
        eventually(lambda: seen() == ["between"])
    later.close()


def create_telling(service: LambdaService, archive: Any) -> None:
    source = """
        import base64, json
        def lambda_handler(event, context):
            print("seen", json.dumps([base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]))
    """
    service.create_function(
        {
            "FunctionName": "consumer",
            "Runtime": "python3.13",
            "Role": f"arn:aws:iam::{ACCOUNT_ID}:role/consumer",
            "Handler": "app.lambda_handler",
            "Code": {"ZipFile": archive(source)},
            "Timeout": 10,
        }
    )
