import pytest

from changestream.core.redrive import RedriveRounds
from changestream.core.rounds import RecoveryRounds
from changestream.recovery.consumers import Consumers
from changestream.recovery.settings import Settings

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
LEAST = {"CONSUMERS": ARN, "CONSUMER_SECONDS": "30", "PARKED_RECORDS_BUCKET": "parked"}


def test_three_settings_are_enough() -> None:
    assert Settings.of(LEAST) == Settings(Consumers((ARN,), 30), "parked", RecoveryRounds(), RedriveRounds())


def test_every_setting_is_read() -> None:
    more = {"CONSUMER_RECORDS": "10", "PARK_AFTER_SECONDS": "60", "SECURE_BELOW_HOURS": "2", "REDRIVE_ROUNDS": "3"}

    settings = Settings.of(LEAST | more | {"PARKED_RECORD_DAYS": "30"})

    assert settings.consumers == Consumers((ARN,), 30, records=10)
    assert settings.recovery_rounds == RecoveryRounds(park_after_seconds=60, secure_below_hours=2)
    assert settings.redrive_rounds == RedriveRounds(most=3, parked_days=30)


@pytest.mark.parametrize("name", LEAST)
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is not set"):
        Settings.of(LEAST | {name: ""})


@pytest.mark.parametrize("seconds", ["0", "841", "-1", "30.0", "1e2", " 30", "٣٠", "9" * 5000])
def test_a_number_out_of_bounds_is_refused_with_its_bounds(seconds: str) -> None:
    with pytest.raises(ValueError, match=r"^CONSUMER_SECONDS is .{1,250}; a whole number from 1 to 840 is expected$"):
        Settings.of(LEAST | {"CONSUMER_SECONDS": seconds})


@pytest.mark.parametrize("arn", ["orders", "*", "", "arn:aws:sqs:eu-west-1:123456789012:orders", "arn:aws:lambda"])
def test_what_is_no_arn_of_a_function_is_refused(arn: str) -> None:
    with pytest.raises(ValueError, match=r"^CONSUMERS holds"):
        Settings.of(LEAST | {"CONSUMERS": f"{ARN},{arn}"})


@pytest.mark.parametrize(
    ("pattern", "arn"),
    [
        (ARN, ARN),
        (ARN, f"{ARN}:live"),
        (f"{ARN}:live", f"{ARN}:live"),
        (f"{ARN}:*", f"{ARN}:7"),
        ("arn:aws:lambda:*:123456789012:function:or*", ARN),
        ("arn:aws:lambda:eu-west-?:*:function:order?", f"{ARN}:live"),
        ("arn:aws:lambda:eu-west-1:123456789012:*", ARN),
    ],
)
def test_a_pattern_permits_what_iam_would(pattern: str, arn: str) -> None:
    assert Consumers((pattern,), 60).permit(arn)


@pytest.mark.parametrize(
    ("pattern", "arn"),
    [
        (ARN, f"{ARN}-of-others"),
        (f"{ARN}:live", ARN),
        (f"{ARN}:live", f"{ARN}:7"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:order.", ARN),
        ("arn:aws:lambda:eu-west-1:1234567890?:function:*", ARN),
        ("arn:aws:lambda:*:function:*:*:*", ARN),
        ("arn:aws:lambda:eu-west-1:123456789012:function:[a-z]*", ARN),
        (ARN, ARN.upper()),
        (ARN, ""),
        (ARN, f"{ARN}\n"),
    ],
)
def test_a_pattern_permits_nothing_else(pattern: str, arn: str) -> None:
    assert not Consumers((pattern,), 60).permit(arn)
