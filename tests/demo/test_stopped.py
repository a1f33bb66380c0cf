"""The demo as a process that somebody ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def runtime_of(demo: int) -> int:
    """Wait until the demo has started its runtime, and that is on its way."""
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at:
        for child in Path(f"/proc/{demo}/task/{demo}/children").read_text().split():
            process = Path(f"/proc/{child}")
            is_runtime = "local_aws" in process.joinpath("cmdline").read_text()
            if is_runtime and "_socket" in process.joinpath("maps").read_text():
                return int(child)
        time.sleep(0.05)
    raise AssertionError("the demo started no runtime")


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_demo_that_is_terminated_takes_its_runtime_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", "--writes", "10", "--keep", str(tmp_path)]
    demo = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "tools")}, stdout=subprocess.DEVNULL
    )
    with demo:
        started = runtime_of(demo.pid)

        demo.send_signal(signal.SIGTERM)
        code = demo.wait(timeout=60)

    assert code == 128 + signal.SIGTERM
    assert not is_alive(started)
