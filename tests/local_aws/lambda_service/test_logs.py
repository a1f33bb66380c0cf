"""Lines and tails of a worker's output, without a worker."""

import json

from local_aws.lambda_service.invocation import WorkerAnswer, WorkerRequest, timed_out
from local_aws.lambda_service.logs import WorkerLog

TEXT = {"LogFormat": "Text", "LogGroup": "/aws/lambda/consumer"}
REQUEST = WorkerRequest(b"{}", "arn", request_id="request-1")


def log_of(logging: dict[str, str]) -> tuple[WorkerLog, list[tuple[str | None, str]]]:
    lines: list[tuple[str | None, str]] = []
    return WorkerLog(lambda request_id, line: lines.append((request_id, line)), logging, 128, "$LATEST"), lines


def test_an_invocation_is_framed_as_in_lambdas_log() -> None:
    log, lines = log_of(TEXT)

    log.started(REQUEST)
    log.wrote(b"counted 3\n")
    log.finished(REQUEST, WorkerAnswer(b"null"), 12.3456, 40, init_ms=200)

    assert lines == [
        ("request-1", "START RequestId: request-1 Version: $LATEST"),
        ("request-1", "counted 3"),
        ("request-1", "END RequestId: request-1"),
        (
            "request-1",
            "REPORT RequestId: request-1\tDuration: 12.35 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 40 MB\tInit Duration: 200.00 ms\t",
        ),
    ]


def test_what_is_written_between_invocations_belongs_to_none() -> None:
    log, lines = log_of(TEXT)

    log.wrote(b"loading\n")

    assert lines == [(None, "loading")]


def test_a_line_is_told_when_it_is_whole_and_at_the_latest_at_the_end() -> None:
    log, lines = log_of(TEXT)

    log.started(REQUEST)
    log.wrote("grü".encode()[:-1])
    unfinished = len(lines)
    log.wrote("ü".encode()[1:] + b"n\nlast")
    log.finished(REQUEST, WorkerAnswer(b"null"), 1, 1, None)

    assert unfinished == 1
    assert [line for _, line in lines[1:3]] == ["grün", "last"]


def test_a_traceback_of_the_runtime_is_one_entry_of_many_lines() -> None:
    log, lines = log_of(TEXT)

    log.wrote("[ERROR] ValueError: bad\rTraceback\r\u00a0\u00a0File\n".encode())

    assert lines == [(None, "[ERROR] ValueError: bad\nTraceback\n  File")]


def test_the_tail_is_the_last_four_kilobytes_of_the_invocation() -> None:
    log, _ = log_of(TEXT)
    log.started(WorkerRequest(b"{}", "arn", request_id="request-0"))

    log.started(REQUEST)
    log.wrote(b"".join(b"line %04d\n" % number for number in range(2_000)))
    tail = log.finished(REQUEST, WorkerAnswer(b"null"), 1, 1, None)

    assert len(tail) == 4096
    assert b"line 1999\nEND RequestId: request-1\nREPORT" in tail
    assert b"request-0" not in tail


def test_json_logs_have_json_platform_lines() -> None:
    log, lines = log_of({"LogFormat": "JSON", "SystemLogLevel": "INFO"})

    log.started(REQUEST)
    log.finished(REQUEST, timed_out(3, "request-1"), 3000.5, 40, None)

    start, report = (json.loads(line) for _, line in lines)
    assert (start["type"], start["record"]["version"]) == ("platform.start", "$LATEST")
    assert (report["type"], report["record"]["status"]) == ("platform.report", "timeout")
    assert report["record"]["metrics"]["billedDurationMs"] == 3001


def test_a_system_log_level_above_info_leaves_the_platform_lines_out() -> None:
    log, lines = log_of({"LogFormat": "JSON", "SystemLogLevel": "WARN"})

    log.started(REQUEST)
    log.finished(REQUEST, WorkerAnswer(b"null"), 1, 1, None)

    assert lines == []
