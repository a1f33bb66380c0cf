"""The demo as a process that somebody ends, at different moments."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from isolation.environment import IMPORT_PATH, environment
from left_over import await_nothing_left, descendants, eventually

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]
COMMAND = [sys.executable, "-m", "demo", "--writes", "5000"]
Demo = subprocess.Popen[str]


@contextmanager
def playing(temporary: Path) -> Iterator[Demo]:
    variables = environment(PYTHONPATH=IMPORT_PATH, TMPDIR=str(temporary))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(COMMAND, cwd=ROOT, env=variables, text=True, **pipes) as demo:  # type: ignore[call-overload]
        try:
            yield demo
        finally:
            demo.kill()


def is_answering_signals(demo: Demo, _: Path) -> bool:
    """Python itself leaves SIGTERM to the system: who catches it is the demo."""
    status = Path(f"/proc/{demo.pid}/status").read_text()
    (caught,) = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def has_started_a_runtime(demo: Demo, _: Path) -> bool:
    return any("local_aws" in Path(f"/proc/{pid}/cmdline").read_text() for pid in descendants(demo.pid))


def has_functions_at_work(_: Demo, temporary: Path) -> bool:
    return any("Function-" in log.read_text() for log in temporary.glob("changestream-*/runtime.log"))


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (is_answering_signals, signal.SIGINT),
        (has_started_a_runtime, signal.SIGTERM),
        (has_functions_at_work, signal.SIGINT),
    ],
)
def test_a_demo_that_is_stopped_says_so_in_one_line_and_leaves_nothing(
    tmp_path: Path, moment: object, number: signal.Signals
) -> None:
    with playing(tmp_path) as demo:
        eventually(lambda: moment(demo, tmp_path), str(moment))  # type: ignore[operator]
        started = descendants(demo.pid)

        demo.send_signal(number)
        output, errors = demo.communicate(timeout=180)

    assert demo.returncode == 128 + number
    assert errors == ""
    assert "Traceback" not in output
    assert output.endswith(f"Stopped by {number.name}: the runtime has ended, and nothing is left behind.\n")
    assert list(tmp_path.iterdir()) == []
    await_nothing_left(tmp_path, started)


def test_a_demo_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    with playing(tmp_path) as demo:
        eventually(lambda: len(descendants(demo.pid)) > 3, "guardians, a runtime and workers")
        started = descendants(demo.pid)

        demo.kill()

    await_nothing_left(tmp_path, started)
