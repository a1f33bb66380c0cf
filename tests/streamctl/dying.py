"""``streamctl`` that kills itself when it comes for the n-th time to a point: ``WHERE N COMMAND …``."""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from changestream.recovery.function import ConsumerFunction
from streamctl.__main__ import main
from streamctl.replaying.receipt import Receipt

_deliver, _append = ConsumerFunction.deliver, Receipt._append


def dying(where: str, nth: int) -> Callable[[str], None]:
    """Return what is called at every point, with its name."""
    times = count(1)

    def at(point: str) -> None:
        if point == where and next(times) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def arm(at: Callable[[str], None]) -> None:
    """Have the command call ``at`` before and after each delivery, and in the middle of a line of its receipt."""

    def deliver(self: ConsumerFunction, piece: Any) -> Any:
        at("before-delivery")
        answer = _deliver(self, piece)
        at("after-delivery")
        return answer

    def append(self: Receipt, lines: list[bytes]) -> None:
        self._file.write(b"".join(lines)[:-20])
        self._file.flush()
        at("in-the-line")
        self._file.seek(-len(b"".join(lines)[:-20]), os.SEEK_CUR)
        _append(self, lines)

    ConsumerFunction.deliver = deliver  # type: ignore[method-assign, assignment]
    Receipt._append = append  # type: ignore[method-assign]


if __name__ == "__main__":
    where, nth, *arguments = sys.argv[1:]
    arm(dying(where, int(nth)))
    sys.argv = ["streamctl", *arguments]
    main()
