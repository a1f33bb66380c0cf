"""An alias of two versions: which of them an invocation goes to, and what Lambda refuses."""

import json
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

ONE = "def lambda_handler(event, context): return 1"
TWO = "def lambda_handler(event, context): return 2"
INVOCATIONS = 200


@pytest.fixture
def versions(client: Any, deploy: Any, archive: Any) -> tuple[str, str]:
    """Two versions of a function, and the alias `live` of the first."""
    deploy(ONE)
    first = client.publish_version(FunctionName="consumer")["Version"]
    second = client.update_function_code(FunctionName="consumer", ZipFile=archive(TWO), Publish=True)["Version"]
    client.create_alias(FunctionName="consumer", Name="live", FunctionVersion=first)
    return first, second


def weigh(client: Any, **weights: float) -> Any:
    routing = {"AdditionalVersionWeights": {name.removeprefix("v"): weight for name, weight in weights.items()}}
    return client.update_alias(FunctionName="consumer", Name="live", RoutingConfig=routing)


def refusal(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(FunctionName="consumer", Name="live", **request)
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.usefixtures("versions")
def test_an_invocation_of_a_weighted_alias_goes_to_either_version_and_says_to_which(client: Any) -> None:
    weigh(client, v2=0.2)

    answers = [client.invoke(FunctionName="consumer:live") for _ in range(INVOCATIONS)]

    executed = [answer["ExecutedVersion"] for answer in answers]
    assert executed == [str(json.load(answer["Payload"])) for answer in answers]
    assert 0.1 * INVOCATIONS < Counter(executed)["2"] < 0.3 * INVOCATIONS


@pytest.mark.usefixtures("versions")
def test_weights_stay_until_an_empty_configuration_takes_them_away(client: Any) -> None:
    weigh(client, v2=1.0)

    kept = client.update_alias(FunctionName="consumer", Name="live", Description="half-way")
    before = client.invoke(FunctionName="consumer:live")["ExecutedVersion"]
    weigh(client)
    after = client.invoke(FunctionName="consumer:live")["ExecutedVersion"]

    assert kept["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 1.0}}
    assert (before, after) == ("2", "1")
    assert "RoutingConfig" not in client.get_alias(FunctionName="consumer", Name="live")


@pytest.mark.usefixtures("versions")
def test_an_alias_of_two_versions_needs_two_that_are_published(client: Any) -> None:
    def weights(**given: float) -> Any:
        return {"RoutingConfig": {"AdditionalVersionWeights": {key.removeprefix("v"): w for key, w in given.items()}}}

    same = refusal(client.update_alias, **weights(v1=0.5))
    three = refusal(client.update_alias, **weights(v1=0.1, v2=0.1))
    unpublished = refusal(client.update_alias, FunctionVersion="$LATEST", **weights(v2=0.5))
    missing = refusal(client.update_alias, **weights(v7=0.5))

    assert same.startswith("Invalid function version 1. Function version 1 is already included")
    assert three.endswith("cannot be greater than 1. Number of provided items: 2")
    assert unpublished == "$LATEST is not supported for an alias pointing to more than 1 version"
    assert missing.endswith("function:consumer:7")
    assert "RoutingConfig" not in client.get_alias(FunctionName="consumer", Name="live")
