"""What becomes of invocations when the process that runs them ends: killed, crashed, out of time."""

import base64
import json
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from isolation.environment import IMPORT_PATH, environment
from left_over import await_nothing_left, descendants, eventually, is_running
from local_aws.lambda_service import LambdaService

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


STUBBORN = """
    import os, signal, subprocess, sys
    def lambda_handler(event, context):
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        print("running")
        while event == "endless":
            open(os.path.join(os.environ["HOME"], "still-written"), "a").close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_nothing_outlives_an_endpoint_that_is_killed(tmp_path: Path) -> None:
    code, temporary = tmp_path / "code", tmp_path / "temporary"
    code.mkdir()
    temporary.mkdir()
    (code / "app.py").write_text(textwrap.dedent(STUBBORN))
    script = textwrap.dedent(f"""
        import threading
        from local_aws.journal import Journal
        from local_aws.lambda_service import LambdaService
        journal = Journal()
        service = LambdaService("123456789012", "eu-west-1", "http://127.0.0.1:1", journal)
        service.create_function({{
            "FunctionName": "endless", "Runtime": "python3.13", "Handler": "app.lambda_handler", "Timeout": 900,
            "Role": "arn:aws:iam::123456789012:role/r", "Code": {{"LocalPath": {str(code)!r}}},
        }})
        call = {{"FunctionName": "endless", "Payload": b'"endless"'}}
        threading.Thread(target=service.invoke, args=(call,)).start()
        journal.wait_for(lambda entry: entry.get("line") == "running")
        print("running", flush=True)
    """)
    variables = environment(PYTHONPATH=IMPORT_PATH, TMPDIR=str(temporary))

    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=variables) as endpoint:
        assert endpoint.stdout is not None
        assert endpoint.stdout.readline() == b"running\n"
        started = descendants(endpoint.pid)
        assert len(started) == 3, "the guardian, the worker and its own child"
        assert len(list(temporary.iterdir())) == 1
        endpoint.kill()

    await_nothing_left(temporary, started)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_what_a_function_started_ends_with_its_worker(service: LambdaService, deploy: Any, exit_of: Any) -> None:
    deploy("""
        import os, subprocess, sys
        def lambda_handler(event, context):
            print("pid", os.getpid(), subprocess.Popen([sys.executable, "-c", "while True: pass"]).pid, flush=True)
            os._exit(0)
    """)

    log = service.invoke({"FunctionName": "consumer", "LogType": "Tail"})["LogResult"]

    (line,) = [line for line in base64.b64decode(log).decode().splitlines() if line.startswith("pid ")]
    worker, started = map(int, line.split()[1:])
    exit_of(worker)
    eventually(lambda: not is_running(started), "the end of what the function started")
