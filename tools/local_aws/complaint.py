"""The one line on standard error by which the endpoint reports a fault that no caller sees."""

import sys

from terminal.escaping import escaped


def complain(text: str) -> None:
    """Print a line to standard error. Foreign text in it may contain control characters; they are escaped."""
    print(escaped(text), file=sys.stderr)
