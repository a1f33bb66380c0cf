"""The settings of recovery, from the environment of its functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from changestream.core.quoting import quoted
from changestream.core.redrive import PARKED_DAYS, ROUNDS, RedriveRounds
from changestream.core.rounds import PARK_AFTER_SECONDS, SECURE_BELOW_HOURS, RecoveryRounds
from changestream.recovery.consumers import RECORDS, Consumers

LONGEST_TIME_OUT_SECONDS = 840
"""Of a function that records may go back to: recovery waits for it within its own 900 seconds."""

MOST_RECORDS = 10_000
"""Of one delivery, as of the largest batch of a mapping."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What both functions of recovery go by."""

    consumers: Consumers
    parked_records_bucket: str
    recovery_rounds: RecoveryRounds
    redrive_rounds: RedriveRounds

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Read them. Raises ``ValueError`` for one that is missing or out of its bounds, and names the bounds.

        ``CONSUMERS``, ``CONSUMER_SECONDS`` and ``PARKED_RECORDS_BUCKET`` must be set; the others have defaults.
        """
        number = partial(_number, environment)
        return cls(
            consumers=Consumers(
                patterns=_arns(environment),
                time_out_seconds=number("CONSUMER_SECONDS", None, 1, LONGEST_TIME_OUT_SECONDS),
                records=number("CONSUMER_RECORDS", RECORDS, 1, MOST_RECORDS),
            ),
            parked_records_bucket=_text(environment, "PARKED_RECORDS_BUCKET"),
            recovery_rounds=RecoveryRounds(
                park_after_seconds=number("PARK_AFTER_SECONDS", PARK_AFTER_SECONDS, 0, 14_400),
                secure_below_hours=number("SECURE_BELOW_HOURS", SECURE_BELOW_HOURS, 0, 24),
            ),
            redrive_rounds=RedriveRounds(
                most=number("REDRIVE_ROUNDS", ROUNDS, 0, 1_000),
                parked_days=number("PARKED_RECORD_DAYS", PARKED_DAYS, 1, 3_650),
            ),
        )


def _arns(environment: Mapping[str, str]) -> tuple[str, ...]:
    arns = tuple(arn.strip() for arn in _text(environment, "CONSUMERS").split(","))
    for arn in arns:
        if not (arn.startswith("arn:") and arn.split(":")[2:3] == ["lambda"] and arn.count(":") >= 6):
            raise ValueError(f"CONSUMERS holds {quoted(arn)}; ARNs of functions are expected, separated by commas")
    return arns


def _number(environment: Mapping[str, str], name: str, default: int | None, least: int, most: int) -> int:
    if default is not None and not environment.get(name):
        return default
    text = _text(environment, name)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise ValueError(f"{name} is {quoted(text)}; a whole number from {least} to {most} is expected")
    return int(text)


def _text(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise ValueError(f"{name} is not set in the environment of this function: deploy its template again")
    return environment[name]
