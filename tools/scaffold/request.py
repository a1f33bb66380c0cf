"""A consumer that somebody asks for, and the names that follow from its own."""

import keyword
import re
from dataclasses import dataclass

from consumers.kinds import Feed, Kind
from scaffold.errors import RefusedRequest

NAME = re.compile(r"[a-z]+[0-9]*(_[a-z]+[0-9]*)*")
LONGEST_NAME = 32
"""Characters. CloudFormation cuts the names of functions and roles, which begin with the stack's, at 64."""

EMPTY_NAMES = ("process_", "handle_")
FEEDS = {"changes": Feed.CHANGES, "table": Feed.TABLE}
EXAMPLE = "make consumer NAME=flag_overdue KIND=newest FEED=changes"


@dataclass(frozen=True, slots=True)
class ConsumerRequest:
    """A consumer to write. ``name`` is the name of its folder."""

    name: str
    kind: Kind
    feed: Feed

    @property
    def pascal(self) -> str:
        """The stem of its logical ids."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def view(self) -> str:
        """The logical id of the table with its view; of an effect, with its memory."""
        return f"{self.pascal}Table"

    @property
    def topic(self) -> str:
        """The logical id of the topic of an effect."""
        return f"{self.pascal}Topic"

    @property
    def variable(self) -> str:
        """The variable with the name of that table."""
        return f"{self.name.upper()}_TABLE"

    @property
    def topic_variable(self) -> str:
        """The variable with the ARN of that topic."""
        return f"{self.name.upper()}_TOPIC"


def requested(name: str, kind: str, feed: str) -> ConsumerRequest:
    """Return the request. Raise ``RefusedRequest`` for a name, kind or feed that no consumer can have."""
    if keyword.iskeyword(name):
        raise RefusedRequest(f"NAME={name} is a keyword of Python. Example: {EXAMPLE}")
    if not NAME.fullmatch(name):
        raise RefusedRequest(f"NAME={name} is not snake_case. Example: {EXAMPLE}")
    if len(name) > LONGEST_NAME:
        raise RefusedRequest(f"NAME={name} has {len(name)} characters; the most is {LONGEST_NAME}")
    if name.startswith(EMPTY_NAMES):
        raise RefusedRequest(f"NAME={name} does not say what the consumer does. Use another verb, as in flag_overdue")
    if kind not in set(Kind):
        raise RefusedRequest(f"KIND={kind} is not a kind of consumer. The kinds are {', '.join(Kind)}")
    if feed not in FEEDS:
        raise RefusedRequest(f"FEED={feed} is not a feed. The feeds are {', '.join(FEEDS)}")
    if Kind(kind) is Kind.WINDOW and FEEDS[feed] is Feed.TABLE:
        raise RefusedRequest("KIND=window reads FEED=changes only: its state keeps positions of a Kinesis stream")
    return ConsumerRequest(name, Kind(kind), FEEDS[feed])
