"""How a command ends: the exit codes, and the errors that lead to them."""

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of every command says."""

    FINE = 0
    """Done, and nothing asks for a person."""
    ATTENTION = 1
    """Done, and something asks for a person: the output says what."""
    USAGE = 2
    """The command line is wrong; nothing was asked of AWS."""
    MISSING = 3
    """A stack, a resource, a record or an object is not there."""
    NOT_PERMITTED = 4
    """Credentials are missing, refused or cannot be obtained, or they lack a permission that is named."""
    REFUSED = 5
    """The service refused for now, or nobody answered; the same command may succeed later."""
    SETUP = 6
    """This machine's set-up is wrong: an AWS configuration file, a local file, or an endpoint that is not AWS."""
    OUTPUT = 7
    """The output could not be written. What the command did is done."""
    BUG = 70
    """A fault of streamctl itself: its traceback is printed, for a report."""
    STOPPED = 130
    """Stopped by Ctrl-C before it was done. What runs until it is stopped ends with 0."""
    TERMINATED = 143
    """Stopped by SIGTERM."""


class Trouble(Exception):
    """What a person can do something about: shown as one message, without a trace; ends the command with ``code``."""

    def __init__(self, code: Exit, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def document(self) -> dict[str, object]:
        """Return what ``--json`` writes to standard error, and what a section that failed has in its place."""
        return {
            "code": int(self.code),
            "kind": self.code.name.lower(),
            "message": self.message,
            "hint": self.hint or None,
        }
