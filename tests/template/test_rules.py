"""The rules hold for template.yaml, and each rule is seen to pass and to fail (rules/<name>.yaml)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mapping_lint.template import Template
from template.application import application
from template.mapping_rules import MAPPING_RULES
from template.policy_rules import POLICY_RULES
from template.resource_rules import RESOURCE_RULES
from template.rule import Rule

RULES = (*MAPPING_RULES, *RESOURCE_RULES, *POLICY_RULES)
EXAMPLES = Path(__file__).parent / "rules"

of_each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@of_each_rule
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    complaints = list(rule.complaints(application()))

    assert complaints == [], f"{rule.name}: {rule.why}"


@of_each_rule
def test_a_rule_is_content_with_its_good_example(rule: Rule) -> None:
    complaints = list(rule.complaints(Template.of(example(rule)["passes"])))

    assert complaints == []


@of_each_rule
def test_a_rule_complains_of_its_bad_examples(rule: Rule) -> None:
    for bad in example(rule)["fails"]:
        complaints = list(rule.complaints(Template.of(bad["template"])))

        assert complaints == bad["complaints"]


def test_every_example_belongs_to_a_rule() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {rule.name for rule in RULES}


def example(rule: Rule) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXAMPLES / f"{rule.name}.yaml").read_text())
    return document
