"""Where the endpoint takes the time from: epoch seconds, a function that tests replace."""

from collections.abc import Callable

type Clock = Callable[[], float]
