"""Handlers in Node.js: where they are found, how they answer, and what they find in their context."""

import json
import os
from typing import Any

import pytest

from local_aws.lambda_service import LambdaService

TYPE_MODULE = '{"type": "module"}'


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"index.mjs": "export const handler = async (event) => event.word;"}, "index.handler"),
        ({"index.js": "exports.handler = async (event) => event.word;"}, "index.handler"),
        ({"index.cjs": "module.exports = { handler: async (event) => event.word };"}, "index.handler"),
        (
            {"index.js": "export const handler = async (event) => event.word;", "package.json": TYPE_MODULE},
            "index.handler",
        ),
        ({"src/app.js": "exports.stream = { consume: async (event) => event.word };"}, "src/app.stream.consume"),
        ({"index.js": "const { word } = require('./words'); exports.handler = async (event) => word(event);",
          "words.js": "exports.word = (event) => event.word;"}, "index.handler"),
        ({"consume/index.js": "exports.handler = async (event) => event.word;"}, "consume.handler"),
    ],
    ids=["mjs", "js", "cjs", "package.json", "folder and nested export", "require", "folder's index"],
)  # fmt: skip
def test_a_handler_is_found_in_every_kind_of_module(
    deploy_node: Any, answer_of: Any, files: dict[str, str], handler: str
) -> None:
    deploy_node(files, Handler=handler)

    assert answer_of({"word": "found"}) == "found"


@pytest.mark.parametrize(
    "handler",
    [
        "async () => 'done'",
        "() => Promise.resolve('done')",
        "(event, context, callback) => { setTimeout(() => callback(null, 'done'), 1); }",
        "(event, context) => { setTimeout(() => context.succeed('done'), 1); }",
        "(event, context) => context.done(null, 'done')",
    ],
    ids=["async", "promise", "callback", "succeed", "done"],
)
def test_a_handler_answers_in_any_style(deploy_node: Any, answer_of: Any, handler: str) -> None:
    deploy_node(f"export const handler = {handler};")

    assert [answer_of(), answer_of()] == ["done", "done"]


def test_a_handler_without_a_result_answers_null(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("export const handler = (event) => {};")

    assert answer_of() is None


def test_a_callback_waits_until_the_event_loop_is_empty_unless_told_otherwise(deploy_node: Any, answer_of: Any) -> None:
    deploy_node(
        """
        let order = [];
        export const handler = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = event.waits;
          order = [];
          callback(null, order);
          setTimeout(() => order.push("later"), 20);
        };
        """
    )

    assert answer_of({"waits": True}) == ["later"]
    assert answer_of({"waits": False}) == []


def test_the_context_is_that_of_lambda(service: LambdaService, deploy_node: Any) -> None:
    deploy_node(
        """
        export const handler = async (event, context) => ({
          ...context, remaining: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID,
        });
        """,
        Publish=True,
        MemorySize=256,
    )

    answer = service.invoke({"FunctionName": "consumer", "Qualifier": "1", "ClientContext": "eyJjdXN0b20iOiB7fX0="})

    context = json.loads(answer["Payload"])
    assert 0 < context.pop("remaining") <= 10_000
    assert context.pop("trace").startswith("Root=1-")
    assert context == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionName": "consumer",
        "functionVersion": "1",
        "memoryLimitInMB": "256",
        "logGroupName": "/aws/lambda/consumer",
        "logStreamName": "local/consumer/[1]",
        "clientContext": {"custom": {}},
        "invokedFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:consumer:1",
        "awsRequestId": answer["RequestId"],
    }


def test_a_worker_has_lambdas_environment_and_nothing_of_the_endpoints(
    deploy_node: Any, answer_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--require=/nowhere.js")
    monkeypatch.setenv("AWS_PROFILE", "production")
    deploy_node(
        "export const handler = async () => ({ ...process.env, folder: process.cwd() });",
        Environment={"Variables": {"TABLE": "tasks", "AWS_ENDPOINT_URL_KINESIS": "https://evil.example"}},
    )

    variables = answer_of()

    assert {
        "_HANDLER": "index.handler",
        "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x",
        "AWS_LAMBDA_FUNCTION_NAME": "consumer",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_KINESIS": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
        "TABLE": "tasks",
        "LAMBDA_TASK_ROOT": variables["folder"],
    }.items() <= variables.items()
    assert {"AWS_LAMBDA_RUNTIME_API", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= set(
        variables
    )
    assert not {"NODE_OPTIONS", "AWS_PROFILE", "PYTHONPATH", "PYTEST_CURRENT_TEST"} & set(variables)
    assert os.environ["HOME"] != variables["HOME"]


def test_the_state_of_a_module_stays_from_one_invocation_to_the_next(deploy_node: Any, answer_of: Any) -> None:
    deploy_node("let count = 0; export const handler = async () => ++count;")

    assert [answer_of(), answer_of(), answer_of()] == [1, 2, 3]
