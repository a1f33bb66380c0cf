"""Which process runs an invocation: an idle one, a new one, one with the new code."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local_aws.lambda_service import LambdaService

PID = """
    import os
    def lambda_handler(event, context):
        return os.getpid()
"""


def test_an_idle_worker_is_used_again(answer_of: Any, deploy: Any) -> None:
    deploy(PID)

    pids = {answer_of() for _ in range(5)}

    assert len(pids) == 1


def test_invocations_at_the_same_time_run_in_processes_of_their_own(
    service: LambdaService, answer_of: Any, deploy: Any, gate: Any
) -> None:
    deploy(gate.source)

    with ThreadPoolExecutor(3) as callers:
        calls = [callers.submit(answer_of, gate.event) for _ in range(3)]
        together = gate.pids(2)
        busy = [worker["busy"] for worker in service.workers()]
        gate.open()
        answers = [call.result() for call in calls]

    assert together[0] != together[1]
    assert busy == [True, True]
    assert set(answers) == set(together)  # two is the limit of this service: the third call waited for a worker


def test_a_function_that_cannot_be_loaded_is_tried_again_by_each_invocation(
    service: LambdaService, answer_of: Any, deploy: Any, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    deploy(f"""
        import os
        if not os.path.exists({str(there)!r}):
            import nothing_of_this_name
        def lambda_handler(event, context):
            return "loaded"
    """)

    answers = [service.invoke({"FunctionName": "consumer"}) for _ in range(2)]
    there.touch()
    healed = answer_of()

    for answer in answers:
        assert answer["FunctionError"] == "Unhandled"
        assert json.loads(answer["Payload"]) == {
            "errorMessage": "Unable to import module 'app': No module named 'nothing_of_this_name'",
            "errorType": "Runtime.ImportModuleError",
            "requestId": answer["RequestId"],
            "stackTrace": [],
        }
    assert healed == "loaded"


def test_an_exception_of_the_handler_leaves_the_worker_alive(answer_of: Any, deploy: Any) -> None:
    deploy("""
        import os
        def lambda_handler(event, context):
            if event == "fail":
                raise ValueError("no such task")
            return os.getpid()
    """)

    before = answer_of()
    failed = answer_of("fail")
    after = answer_of()

    assert (failed["errorType"], failed["errorMessage"]) == ("ValueError", "no such task")
    assert before == after


def test_an_answer_above_six_megabytes_is_refused(answer_of: Any, deploy: Any) -> None:
    deploy("def lambda_handler(event, context): return 'x' * event")

    refused = answer_of(7_000_000)
    following = answer_of(1)

    assert refused["errorType"] == "Function.ResponseSizeTooLarge"
    assert following == "x"


def test_new_code_ends_the_workers_of_the_old(
    service: LambdaService, answer_of: Any, deploy: Any, archive: Any, gate: Any, exit_of: Any
) -> None:
    deploy(gate.source)

    with ThreadPoolExecutor(1) as caller:
        running = caller.submit(answer_of, gate.event)
        (pid,) = gate.pids(1)
        service.update_function_code(
            {"FunctionName": "consumer", "ZipFile": archive("def lambda_handler(event, context): return 'new'")}
        )
        meanwhile = answer_of(gate.event)
        gate.open()
        finished = running.result()

    assert meanwhile == "new"
    assert finished == pid  # it was let finish
    assert exit_of(pid)["kind"] == "worker.killed"
    assert answer_of() == "new"


def test_a_change_of_the_environment_reaches_the_next_invocation(
    service: LambdaService, answer_of: Any, deploy: Any
) -> None:
    deploy(
        "import os\ndef lambda_handler(event, context): return os.environ['COLOUR']",
        Environment={"Variables": {"COLOUR": "red"}},
    )
    before = answer_of()

    service.update_function_configuration(
        {"FunctionName": "consumer", "Environment": {"Variables": {"COLOUR": "green"}}}
    )

    assert (before, answer_of()) == ("red", "green")
