"""Which changes of a task have an effect, for consumers of which the tools know it."""

from collections.abc import Callable, Mapping

from changestream.core.change import Change
from tasks.transition import transition_of


def announces(change: Change) -> bool:
    """Return whether a change is a transition of a task. Raise ``PoisonRecord`` for a change that is malformed."""
    return transition_of(change) is not None


EFFECTS: Mapping[str, Callable[[Change], bool]] = {"announce_changes": announces}
"""By the name of the consumer's folder. A consumer that is not here works: only its missing effects are not told."""
