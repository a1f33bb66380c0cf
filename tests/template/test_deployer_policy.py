"""The policy of docs/your-own.md allows the services of every resource of the template."""

import json
import re
from typing import Any

import pytest

from template.application import ROOT, application

NAMESPACES = {"ApiGatewayV2": "apigateway", "Events": "events", "Logs": "logs", "CloudWatch": "cloudwatch"}
"""The prefixes of actions that are not the lower case of the service in the type of a resource."""

OF_THE_DEPLOYMENT = {"cloudformation:*", "codedeploy:*"}
"""The deployment itself, and the releases of consumers, which SAM adds where they are gradual."""


def policies() -> list[dict[str, Any]]:
    page = (ROOT / "docs" / "your-own.md").read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]


@pytest.fixture(scope="module")
def deployer() -> dict[str, set[str]]:
    """The actions of the deployer's policy by statement."""
    (policy,) = [each for each in policies() if each["Statement"][0].get("Sid") == "ResourcesOfTheStack"]
    listed = {each["Sid"]: each["Action"] for each in policy["Statement"]}
    return {name: set([actions] if isinstance(actions, str) else actions) for name, actions in listed.items()}


def test_every_policy_of_the_page_is_one() -> None:
    assert len(policies()) == 4
    assert {each["Version"] for each in policies()} == {"2012-10-17"}


def test_the_deployer_may_use_the_services_of_all_resources_and_no_others(deployer: dict[str, set[str]]) -> None:
    services = {resource["Type"].split("::")[1] for resource in application().deployed["Resources"].values()}
    needed = {f"{NAMESPACES.get(service, service.lower())}:*" for service in services - {"IAM"}}

    assert needed <= deployer["ResourcesOfTheStack"]
    assert deployer["ResourcesOfTheStack"] - needed <= OF_THE_DEPLOYMENT


def test_the_deployer_may_make_roles_and_policies(deployer: dict[str, set[str]]) -> None:
    assert {"iam:CreateRole", "iam:DeleteRole", "iam:PassRole", "iam:PutRolePolicy"} <= deployer["RolesOfTheStack"]
    assert "iam:AttachRolePolicy" in deployer["RolesOfTheStack"]
    assert "iam:CreatePolicy" in deployer["PoliciesOfTheStack"]
