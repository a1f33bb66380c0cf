"""Every rule is seen to pass and to fail (rules/<name>.yaml), and the application's own template keeps them all."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mapping_lint.lint import RULES, lint, lint_file
from mapping_lint.rule import Rule
from mapping_lint.template import Template
from sam_templates.errors import TemplateError

HERE = Path(__file__).parent
EXAMPLES = HERE / "rules"
APPLICATION = HERE.parents[1] / "template.yaml"

of_each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@of_each_rule
def test_a_rule_is_content_with_its_good_example(rule: Rule) -> None:
    complaints = list(rule.complaints(Template.of(example(rule)["passes"], HERE)))

    assert complaints == []


@of_each_rule
def test_a_rule_complains_of_its_bad_examples(rule: Rule) -> None:
    for bad in example(rule)["fails"]:
        complaints = rule.complaints(Template.of(bad["template"], HERE))

        assert [[each.resource, each.message] for each in complaints] == bad["complaints"]


def test_every_example_belongs_to_a_rule() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {rule.name for rule in RULES}


def test_the_applications_template_keeps_every_rule() -> None:
    assert lint_file(APPLICATION) == []


def test_the_applications_functions_are_seen_to_answer() -> None:
    template = Template.load(APPLICATION)

    answers = [template.says(mapping.function, "batchItemFailures") for mapping in template.mappings()]

    assert answers
    assert set(answers) == {True}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources: [", "did not find expected node content"),
        ("- a list", "a template needs a Resources section"),
        ("Resources: {A: {Type: AWS::Serverless::Function}}\nTransform: AWS::Serverless-2016-10-31", "CodeUri"),
    ],
)
def test_what_is_no_template_is_refused_with_a_word(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(text)

    with pytest.raises(TemplateError, match=message):
        lint_file(path)


UNBOUNDED = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "Properties": {"EventSourceArn": "arn:…", "StartingPosition": "LATEST"},
}


def test_an_exception_needs_a_reason_and_a_rule() -> None:
    excused = UNBOUNDED | {"Metadata": {"mapping-lint": {"attempts-are-bounded": "the order of all records matters"}}}
    wrong = UNBOUNDED | {"Metadata": {"mapping-lint": {"attempts": ""}}}

    findings = lint(Template.of({"Resources": {"Mapping": excused}}))

    assert {finding.rule.name: finding.excused for finding in findings}["attempts-are-bounded"] == (
        "the order of all records matters"
    )
    assert [finding.excused for finding in findings if finding.rule.name != "attempts-are-bounded"] == [None] * 3
    with pytest.raises(TemplateError, match="an exception is a rule's name with a reason"):
        lint(Template.of({"Resources": {"Mapping": wrong}}))


def example(rule: Rule) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXAMPLES / f"{rule.name}.yaml").read_text())
    return document
