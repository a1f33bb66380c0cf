"""What becomes of invocations when the process that runs them ends: killed, crashed, out of time."""

import json
import os
import select
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService

TOOLS = Path(__file__).parents[3] / "tools"
PID = """
    import os
    def lambda_handler(event, context):
        return os.getpid()
"""


def has_stopped(pid: int) -> bool:
    """Whether every thread of the process has come to a halt after SIGSTOP."""
    stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats)


def test_a_time_out_kills_the_worker_and_reads_as_lambda_writes_it(
    service: LambdaService, deploy: Any, gate: Any, exit_of: Any
) -> None:
    deploy(gate.source, Timeout=1)

    answer = service.invoke({"FunctionName": "consumer", "Payload": b'"/nowhere"', "LogType": "Tail"})

    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"]) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {answer['RequestId']} Error: Task timed out after 1.00 seconds",
    }
    (pid,) = gate.pids(1)
    assert exit_of(pid)["kind"] == "worker.killed"


def test_a_worker_killed_at_work_fails_its_invocation_and_no_other(answer_of: Any, deploy: Any, gate: Any) -> None:
    deploy(gate.source)

    with ThreadPoolExecutor(1) as caller:
        call = caller.submit(answer_of, gate.event)
        (pid,) = gate.pids(1)
        os.kill(pid, signal.SIGKILL)
        failed = call.result()
    gate.open()
    following = [answer_of(gate.event) for _ in range(3)]

    assert failed["errorType"] == "Runtime.ExitError"
    assert failed["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert all(isinstance(answer, int) and answer != pid for answer in following)


def test_an_idle_worker_that_is_killed_fails_no_invocation(answer_of: Any, deploy: Any) -> None:
    deploy(PID)
    pids = [answer_of()]

    for _ in range(5):
        os.kill(pids[-1], signal.SIGKILL)
        pids.append(answer_of())

    assert all(isinstance(pid, int) for pid in pids)
    assert len(set(pids)) == 6


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process has stopped")
def test_an_invocation_that_a_dying_worker_never_read_goes_to_another(
    service: LambdaService, answer_of: Any, deploy: Any, journal: Journal, eventually: Any
) -> None:
    deploy(PID)
    pid = answer_of()
    eventually(lambda: not service.workers()[0]["busy"])
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: has_stopped(pid))
    seen = journal.last

    with ThreadPoolExecutor(1) as caller:
        call = caller.submit(answer_of)
        journal.wait_for(lambda entry: entry.get("line", "").startswith("START"), after=seen)
        os.kill(pid, signal.SIGKILL)
        other = call.result()

    assert isinstance(other, int)
    assert other != pid


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_worker_that_ends_itself_fails_the_invocation_with_its_reason(
    answer_of: Any, deploy: Any, statement: str, reason: str
) -> None:
    deploy(f"""
        import os, signal, sys
        def lambda_handler(event, context):
            if event == "end":
                {statement}
            return "alive"
    """)

    failed = answer_of("end")
    following = answer_of()

    assert failed["errorType"] == "Runtime.ExitError"
    assert failed["errorMessage"].partition(" Error: ")[2] == reason
    assert following == "alive"


def test_closing_ends_every_worker_at_work_or_not(
    service: LambdaService, answer_of: Any, deploy: Any, gate: Any
) -> None:
    deploy(gate.source)
    deploy(PID, name="other")
    answer_of(name="other")

    with ThreadPoolExecutor(1) as caller:
        call = caller.submit(answer_of, gate.event)
        gate.pids(1)
        pids = [worker["pid"] for worker in service.workers()]
        service.close()
        interrupted = call.result()

    assert interrupted["errorType"] == "Runtime.ExitError"
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be asked to end a process with its parent")
def test_a_busy_worker_does_not_outlive_an_endpoint_that_is_killed(tmp_path: Path) -> None:
    handler = "def lambda_handler(event, context):\n    print('running')\n    while True: pass\n"
    (tmp_path / "app.py").write_text(handler)
    script = textwrap.dedent(f"""
        import threading
        from local_aws.journal import Journal
        from local_aws.lambda_service import LambdaService
        journal = Journal()
        service = LambdaService("123456789012", "eu-west-1", "http://127.0.0.1:1", journal)
        service.create_function({{
            "FunctionName": "endless", "Runtime": "python3.13", "Handler": "app.lambda_handler", "Timeout": 900,
            "Role": "arn:aws:iam::123456789012:role/r", "Code": {{"LocalPath": {str(tmp_path)!r}}},
        }})
        threading.Thread(target=service.invoke, args=({{"FunctionName": "endless"}},)).start()
        journal.wait_for(lambda entry: entry.get("line") == "running")
        print(service.workers()[0]["pid"], flush=True)
    """)
    command = [sys.executable, "-c", script]
    environment = os.environ | {"PYTHONPATH": str(TOOLS)}

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as endpoint:
        assert endpoint.stdout is not None
        worker = os.pidfd_open(int(endpoint.stdout.readline()))
        endpoint.kill()

    poll = select.poll()
    poll.register(worker, select.POLLIN)
    ended = poll.poll(5_000)
    os.close(worker)
    assert ended
