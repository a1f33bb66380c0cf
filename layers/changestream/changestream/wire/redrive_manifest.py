"""What the manifest of a parked object says of its redrive, under ``redrive``.

``rounds`` done, ``notBefore`` the next, ``heldUntil`` and ``heldBy`` while a run has it, and of the last round
``lastRoundAt`` and ``lastReason``. An object that was never redriven has none of it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from changestream.core.batch import LONGEST_REASON
from changestream.core.failed_batch import ParkReason
from changestream.core.quoting import quoted, shortened
from changestream.core.redrive import FIRST_PAUSE_SECONDS, Rounds, pause_seconds

Manifest = Mapping[str, Any]

MOST_ROUNDS = 1_000_000
"""No object has been through more: it would have taken decades."""


def is_deliverable(manifest: Manifest, payload: Mapping[str, Any] | None) -> bool:
    """Tell whether an object has records that an invocation can take."""
    return bool(payload and payload.get("Records")) and manifest.get("reason") != ParkReason.OVER_LARGE


def rounds_of(manifest: Manifest) -> Rounds:
    """Return where an object stands. Raises ``ValueError`` for times that are none."""
    redrive = manifest.get("redrive") or {}
    parked_at = _seconds(manifest.get("parkedAt"))
    return Rounds(
        parked_at=parked_at,
        done=_count(redrive.get("rounds", 0)),
        not_before=_seconds(redrive.get("notBefore")) or parked_at + FIRST_PAUSE_SECONDS,
        held_until=_seconds(redrive.get("heldUntil")),
    )


def held(manifest: Manifest, by: str, until: float) -> dict[str, Any]:
    """Return the manifest of an object that a run takes for itself."""
    return _with(manifest, heldBy=by, heldUntil=_text(until))


def released(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest of an object whose round was not tried out: it is as due as before."""
    return _with(manifest, heldBy=None, heldUntil=None)


def after_round(manifest: Manifest, reason: ParkReason, message: str, now: float) -> dict[str, Any]:
    """Return the manifest of records that a round could not deliver, for ``message``, which is cut if it is long."""
    message, done = shortened(message, LONGEST_REASON), rounds_of(manifest).done + 1
    later = _with(
        manifest,
        rounds=done,
        notBefore=_text(now + pause_seconds(done)),
        heldBy=None,
        heldUntil=None,
        lastRoundAt=_text(now),
        lastReason=message,
    )
    return later | {"reason": reason, "message": message, "lastFailedAt": _text(now)}


def _with(manifest: Manifest, **changed: Any) -> dict[str, Any]:
    redrive = dict(manifest.get("redrive") or {}) | changed
    return dict(manifest) | {"redrive": {name: value for name, value in redrive.items() if value is not None}}


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _count(number: Any) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MOST_ROUNDS:
        raise ValueError(f"{quoted(number)} is not a number of rounds")
    return number


def _seconds(text: Any) -> float:
    if not text:
        return 0.0
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        raise ValueError(f"{quoted(text)} is not a time") from None
