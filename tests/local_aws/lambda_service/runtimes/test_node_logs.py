"""What Node.js functions write, as Lambda's log has it."""

import base64
import json
from typing import Any

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService

TALKS = """
    console.log("loading");
    export const handler = async () => {
      console.log("counted %d", 3, { of: ["a"] });
      console.debug("detail\\nof two lines");
      console.warn({ level: "mine" });
      console.error("failed:", new TypeError("bad"));
    };
"""
FAILS = "export const handler = async () => { throw Object.assign(new Error('bad'), { code: 'E1' }); };"


def lines_of(journal: Journal) -> list[str]:
    return [entry["line"] for entry in journal.after(0, 10_000) if entry["kind"] == "function.log"]


def test_a_line_of_text_has_time_request_and_level(service: LambdaService, deploy_node: Any, journal: Journal) -> None:
    deploy_node(TALKS)

    request_id = service.invoke({"FunctionName": "consumer"})["RequestId"]

    start, loading, counted, detail, warned, failed, *_ = [line.split("\t", 3) for line in lines_of(journal)]
    assert start[0].startswith("START RequestId: ")
    assert loading[1:] == ["undefined", "INFO", "loading"]
    assert counted[1:] == [request_id, "INFO", "counted 3 { of: [ 'a' ] }"]
    assert detail[2:] == ["DEBUG", "detail\nof two lines"]
    assert warned[2:] == ["WARN", "{ level: 'mine' }"]
    assert failed[2] == "ERROR"
    assert failed[3].startswith("failed: TypeError: bad\n    at ")


def test_a_json_log_has_an_object_a_line_from_the_level_on_that_is_set(
    service: LambdaService, deploy_node: Any, journal: Journal
) -> None:
    deploy_node(TALKS, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})

    request_id = service.invoke({"FunctionName": "consumer"})["RequestId"]

    loading, counted, warned, failed = [json.loads(line) for line in lines_of(journal)]
    assert "requestId" not in loading
    assert (counted["level"], counted["requestId"]) == ("INFO", request_id)
    assert counted["message"] == "counted 3 { of: [ 'a' ] }"
    assert warned["message"] == {"level": "mine"}
    assert (failed["errorType"], failed["errorMessage"]) == ("TypeError", "bad")
    assert failed["stackTrace"][0] == "TypeError: bad"


def test_an_error_of_the_handler_is_logged_with_its_stack(
    service: LambdaService, deploy_node: Any, journal: Journal
) -> None:
    deploy_node(FAILS)

    answer = service.invoke({"FunctionName": "consumer", "LogType": "Tail"})

    (line,) = [line for line in lines_of(journal) if "Invoke Error" in line]
    error = json.loads(line.split("\t")[-1])
    assert (error["errorType"], error["errorMessage"], error["code"]) == ("Error", "bad", "E1")
    assert error["stack"][0] == "Error: bad"
    assert b"Invoke Error" in base64.b64decode(answer["LogResult"])


def test_an_error_in_a_json_log_is_an_object(service: LambdaService, deploy_node: Any, journal: Journal) -> None:
    deploy_node(FAILS, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})

    service.invoke({"FunctionName": "consumer"})

    (entry,) = [json.loads(line) for line in lines_of(journal)]
    assert entry["level"] == "ERROR"
    assert (entry["message"]["errorType"], entry["message"]["errorMessage"]) == ("Error", "bad")


def test_a_line_says_when_another_node_runs_the_function(deploy_node: Any, answer_of: Any, journal: Journal) -> None:
    deploy_node("export const handler = async () => process.versions.node;", Runtime="nodejs98.x")

    version = answer_of()

    assert lines_of(journal)[0] == f"nodejs98.x runs here under Node.js {version}"
