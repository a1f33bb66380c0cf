"""``streamctl``, or ``python -m streamctl``."""

import os
import signal
import sys

STOPPED = 130
"""``Exit.STOPPED``, known before anything is imported."""


def main() -> None:
    """Run the command that the arguments name. Ctrl-C and SIGTERM end it without a traceback, also while it imports."""
    try:
        signal.signal(signal.SIGTERM, _terminate)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored, as in the background
            signal.signal(signal.SIGINT, _interrupt)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # start.sh has blocked it until here
        from streamctl.group import app
        from streamctl.output import prepare_output

        prepare_output()
        app(prog_name="streamctl")
    except KeyboardInterrupt:
        _end(STOPPED)
    except SystemExit as error:
        if isinstance(error.code, int) and error.code >= STOPPED:
            _end(error.code)
        raise


def _interrupt(*_: object) -> None:
    _leave_half_made_objects()
    raise KeyboardInterrupt


def _terminate(*_: object) -> None:
    _leave_half_made_objects()
    raise SystemExit(STOPPED - signal.SIGINT + signal.SIGTERM)


def _leave_half_made_objects() -> None:
    """Say nothing of an object that a signal left half made, and that cannot be closed as it should be."""
    sys.unraisablehook = lambda _: None


def _end(code: int) -> None:
    """End at once: the interpreter would wait for calls that other threads still make."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
