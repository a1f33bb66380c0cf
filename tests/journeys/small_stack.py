"""A part of template.yaml: the resources that a journey is about, and nothing that refers to any other."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from local_aws.stack.template import read_template
from mapping_lint.references import mentions
from sam_templates.language_extensions import expanded

Json = dict[str, Any]

GONE = object()
ATOMS = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If"})
"""What is there as a whole or not at all."""

LOOSE = frozenset({"Properties", "Variables", "Outputs"})
"""What does without a member that is gone; any other document goes with it."""


def small_stack(path: Path, kept: Collection[str], alarms: Collection[str] = ()) -> Json:
    """Return the template with the resources whose names begin with one of ``kept``; its code lies where it lay.

    Of the alarms it has those named in ``alarms``, with the metrics of what is there. Traffic never shifts gradually.
    """
    template = expanded(read_template(path))
    resources = template["Resources"]
    _take_rules_apart(resources)
    stay = {name for name in resources if name.startswith(tuple(kept)) and not name.endswith(("Alarm", "QueuePolicy"))}
    stay |= set(alarms)
    for name in stay:
        resources[name].get("Properties", {}).pop("DeploymentPreference", None)
    stay = {name for name in stay if stay.issuperset(_roles(resources[name]))}
    dropped = {name for gone in resources.keys() - stay for name in (gone, *_mappings(gone, resources[gone]))}
    return {
        **template,
        "Resources": {name: _without(resources[name], dropped, "") for name in resources if name in stay},
        "Outputs": _without(template["Outputs"], dropped, "Outputs"),
    }


def _take_rules_apart(resources: Json) -> None:
    """Make an entry of each alarm that a composite one names, so that it does without those that are gone."""
    for resource in resources.values():
        if resource["Type"] == "AWS::CloudWatch::CompositeAlarm":
            separator, entries = resource["Properties"]["AlarmRule"]["Fn::Join"]
            entries[:] = [
                {"Fn::Sub": part}
                for entry in entries
                if "Fn::Sub" in entry
                for part in entry["Fn::Sub"].split(separator)
            ]


def _roles(resource: Json) -> list[str]:
    """The roles that a policy gives its statements to."""
    return [role["Ref"] for role in resource.get("Properties", {}).get("Roles", [])]


def _mappings(name: str, resource: Json) -> list[str]:
    """The logical ids that SAM gives to the mappings of a function."""
    return [f"{name}{event}" for event in resource.get("Properties", {}).get("Events", {})]


def _without(value: Any, dropped: Collection[str], name: str) -> Any:
    match value:
        case dict() if len(value) == 1 and ATOMS & value.keys():
            return value if set(dropped).isdisjoint(mentions(value)) else GONE
        case dict():
            members = {key: _without(inner, dropped, key) for key, inner in value.items()}
            left = {key: inner for key, inner in members.items() if inner is not GONE}
            return left if len(left) == len(members) or name in LOOSE else GONE
        case list():
            entries = [_without(each, dropped, "") for each in value]
            found = [each for each in entries if each is not GONE]
            return found if found or not entries else GONE
    return value
