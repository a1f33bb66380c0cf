"""The template with loops deploys what the template without loops did, but for the differences that are listed here."""

import json
from fnmatch import fnmatchcase
from functools import cache

import pytest

from consumers.reading import consumers
from mapping_lint.references import mentions
from mapping_lint.template import Json
from sam_templates.document import read
from sam_templates.language_extensions import expanded
from template.application import ROOT
from template.expansion import FORMER, deployed, transformed_resources

DIFFERENT = {
    "ChangesAtRiskAlarm": "names the alarms of each consumer instead of those of all consumers",
    "Dashboard": "is written with variables, and shows no alarm of all consumers",
    "RecoverBatchesFunction": "is told the longest time-out of a consumer, and for how long records stay parked",
    "RedriveParkedFunction": "likewise",
    "DestinationFailsAlarm": "watches the topic alone; the mappings have alarms of their own",
    "ProjectLicencesSilentAlarm": "has the expressions of the other alarms on silent mappings",
    "*FunctionDeploymentGroup": "has the deployment role of its own consumer",
}
GONE = {
    "ConsumersFailAlarm": "…ErrorsAlarm: CloudWatch takes ten metrics an alarm, so each consumer has its own",
    "ConsumersThrottledAlarm": "…ThrottlesAlarm, likewise",
    "ConsumersSilentAlarm": "…SilentAlarm, likewise",
    "ConsumerDeploymentRole": "…DeploymentRole: a list of all consumers would grow with each",
}
NEW = ("*ErrorsAlarm", "*ThrottlesAlarm", "*SilentAlarm", "*DestinationAlarm", "*DeploymentRole")
SEARCH = {"SearchEndpoint": "https://search.example", "SearchDomainName": "domain"}
GRADUAL = {"ConsumerDeployment": "Canary10Percent10Minutes"}
CHOICES = {
    "defaults": {},
    "gradual": GRADUAL,
    "search": SEARCH,
    "everything": SEARCH
    | GRADUAL
    | {
        "SearchFanOut": "enhanced",
        "EncryptionKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1",
        "ReplicaTableName": "replica",
        "ReplicaRegion": "us-east-1",
        "AlarmEmail": "operator@example.com",
    },
}
FORMER_CONSUMERS = {
    "AnnounceChanges",
    "ArchiveTasks",
    "CountTasks",
    "IndexTasks",
    "MeasureChanges",
    "ProjectLicences",
    "RecordHistory",
    "ReplicateTasks",
}
pytestmark = pytest.mark.skipif(
    set(read(ROOT / "template.yaml")["Mappings"]["Consumers"]["All"]["Names"]) != FORMER_CONSUMERS,
    reason="with other consumers, the application is no longer the former one",
)
of_each_choice = pytest.mark.parametrize("choice", CHOICES)


@cache
def both(choice: str) -> tuple[Json, Json]:
    """Return what the former template deploys, and what the template deploys, with some parameters."""
    document, former = read(ROOT / "template.yaml"), json.loads(FORMER.read_text())
    parameters = {name: slot["Default"] for name, slot in document["Parameters"].items()} | CHOICES[choice]
    resources = former["Resources"] | (former["Gradually"] if "ConsumerDeployment" in CHOICES[choice] else {})
    before = {"Parameters": document["Parameters"], "Mappings": former["Mappings"]}
    after = transformed_resources(document, parameters)
    return (
        deployed(former["Conditions"], resources, before, parameters),
        deployed(*after, document, parameters),
    )


@of_each_choice
def test_what_is_deployed_is_the_same_but_for_the_listed_differences(choice: str) -> None:
    former, present = both(choice)

    different = [name for name in former.keys() & present.keys() if former[name] != present[name]]

    assert [name for name in different if not any(fnmatchcase(name, pattern) for pattern in DIFFERENT)] == []
    assert former.keys() - present.keys() <= GONE.keys()
    new = present.keys() - former.keys()
    assert [name for name in new if not any(fnmatchcase(name, pattern) for pattern in NEW)] == []


@of_each_choice
def test_every_consumer_has_what_replaces_the_alarms_and_the_role_of_all(choice: str) -> None:
    _, present = both(choice)
    document = read(ROOT / "template.yaml")
    parameters = {name: slot["Default"] for name, slot in document["Parameters"].items()} | CHOICES[choice]

    names = [each.function.removesuffix("Function") for each in consumers(expanded(document, parameters), parameters)]

    patterns = [pattern for pattern in NEW if "Deployment" not in pattern or GRADUAL.items() <= parameters.items()]
    assert len(names) >= 7
    assert [name for name in names for pattern in patterns if name + pattern[1:] not in present] == []


@of_each_choice
def test_nothing_that_is_deployed_refers_to_what_is_not(choice: str) -> None:
    """cfn-lint takes the conditions of the loops for open, so it cannot tell."""
    _, present = both(choice)
    document = read(ROOT / "template.yaml")
    every = expanded(document)["Resources"].keys()

    missing = [
        (name, mentioned)
        for name, resource in present.items()
        for mentioned in mentions(resource)
        if mentioned in every - present.keys() and not mentioned.endswith("Policy")
    ]

    assert missing == []


def test_every_listed_difference_is_one() -> None:
    seen: set[str] = set()
    for choice in CHOICES:
        former, present = both(choice)
        seen |= {name for name in former.keys() | present.keys() if former.get(name) != present.get(name)}

    listed = (*DIFFERENT, *GONE, *NEW)
    assert [pattern for pattern in listed if not any(fnmatchcase(name, pattern) for name in seen)] == []
