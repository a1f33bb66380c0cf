"""What can go wrong at the ports, each named by what the engine does about it."""


class SettingsRefused(ValueError):
    """The request is not one that AWS would accept: answer with `code` and `message`."""

    def __init__(self, message: str, code: str = "InvalidParameterValueException") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Throttled(Exception):
    """The function was not invoked (throttled, or a service error): try again, this was no attempt."""


class SourceError(Exception):
    """A read failed: the same read may succeed later."""


class IteratorExpired(SourceError):
    """The iterator is too old: take a new one at the same sequence number."""


class RecordsTrimmed(SourceError):
    """The sequence number lies beyond the trim horizon: go on from the horizon, what lies before is gone."""


class ShardNotFound(SourceError):
    """The shard has left the stream with all its records: nothing more can be read from it."""


class DestinationRefused(Exception):
    """The on-failure destination did not take the message: send it again until it does."""


def cause_of(error: Exception) -> Exception:
    """The error itself, or the first of those that tasks which ran together have raised."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
