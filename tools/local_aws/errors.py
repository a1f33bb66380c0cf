"""What ends a run before it has begun."""


class UsageError(Exception):
    """What was asked for cannot be done; the message says why, in one line."""
