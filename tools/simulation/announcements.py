"""What was announced: every notification, and whether it may have been a second one."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from simulation.functions import Ended, SimulatedInvocation
from simulation.memory_aws.hook import Call
from simulation.strands import Strand


class Announcements:
    """Listens to the calls of functions.

    A transition may be announced again only while nobody remembers it, and whoever announced it before is dead or has
    answered that not all was done.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """``environment`` has the variables of the functions, which name the topic and the memory."""
        self.documents: dict[str, dict[str, Any]] = {}
        self.times: Counter[str] = Counter()
        self.unjustified: list[str] = []
        self._topic = environment["TASK_TRANSITIONS_TOPIC"]
        self._table = environment["ANNOUNCEMENTS_TABLE"]
        self._by: defaultdict[str, list[SimulatedInvocation]] = defaultdict(list)
        self._last: dict[str, str] = {}
        self._remembered: set[str] = set()

    def listen(self, call: Call, strand: Strand) -> None:
        """Take note of a call that took effect."""
        invocation: SimulatedInvocation = strand.of
        if call.operation == "publish" and call.parameters["TopicArn"] == self._topic:
            self._publish(json.loads(call.parameters["Message"]), invocation)
        elif call.operation == "update_item" and call.parameters["TableName"] == self._table:
            identity = self._last.pop(invocation.aws_request_id, None)
            if identity is not None:
                self._remembered.add(identity)

    def _publish(self, document: dict[str, Any], invocation: SimulatedInvocation) -> None:
        identity = document["deduplicationId"]
        others = (one for one in self._by[identity] if one is not invocation)
        if identity in self._remembered or any(one.ended is None or _is_done(one.ended) for one in others):
            self.unjustified.append(identity)
        self._last[invocation.aws_request_id] = identity
        self._by[identity].append(invocation)
        self.times[identity] += 1
        self.documents[identity] = document


def _is_done(ended: Ended) -> bool:
    """Tell whether an invocation has answered that all its records are done with, what it announced among them."""
    return ended.error is None and not ended.answer["batchItemFailures"]
