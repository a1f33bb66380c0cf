"""recovery/template.yaml is current, and has all that it refers to and nothing of this application's own domain."""

import re

import pytest

from architecture.sources import ROOT
from mapping_lint.lint import lint
from mapping_lint.template import FUNCTION, Template
from recovery_template.derivation import derived
from recovery_template.errors import NotDerivable
from template.application import application, statements_of

APPLICATION = (ROOT / "template.yaml").read_text()
RECOVERY = ROOT / "recovery" / "template.yaml"
FUNCTIONS = ("RecoverBatches", "RedriveParked")
OF_APPLICATION = re.compile(r"[Tt]ask|[Ll]icence|[Ll]edger|[Rr]eplica|[Aa]rchive|[Mm]easure|ChangeStream|OpenSearch")


def recovery() -> Template:
    return Template.load(RECOVERY)


def test_it_is_what_the_command_writes() -> None:
    assert derived(APPLICATION) == RECOVERY.read_text(), "run: make recovery"


def test_it_holds_nothing_of_the_application() -> None:
    assert "CodeUri: ../functions/recover_batches/" in RECOVERY.read_text()
    assert [line for line in RECOVERY.read_text().splitlines() if OF_APPLICATION.search(line)] == []


def test_both_functions_are_those_of_the_application_but_for_what_they_are_told() -> None:
    ours, theirs = (dict(template.properties(FUNCTION)) for template in (recovery(), application()))
    told = {"Environment", "Events", "Timeout"}
    for name in (f"{each}Function" for each in FUNCTIONS):
        own = {key: value for key, value in ours[name].items() if key not in told | {"Description"}}

        assert own == {key: value for key, value in theirs[name].items() if key not in told | {"Description"}}
        assert ours[name]["Environment"]["Variables"].keys() >= theirs[name]["Environment"]["Variables"].keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_allows_what_the_applications_role_allows(function: str) -> None:
    ours, theirs = (allowed(template, f"{function}Role") for template in (recovery(), application()))

    assert ours - {"ReadEncryptedSources"} == theirs


def allowed(template: Template, role: str) -> set[str]:
    statements = [each for each in statements_of(template, role) if "Sid" in each]
    branches = [each["Fn::If"][1] for each in statements_of(template, role) if "Fn::If" in each]
    return {each["Sid"] for each in [*statements, *branches]}


def test_the_linter_finds_nothing() -> None:
    assert lint(recovery()) == []


@pytest.mark.parametrize(
    ("former", "new", "complaint"),
    [
        ("  NearTrimAlarm:", "  NearlyTrimmedAlarm:", "0 blocks NearTrimAlarm"),
        ("      Timeout: 300\n", "", "RecoverBatchesFunction has 0 keys Timeout"),
        ("!GetAtt ChangeStream.Arn, !GetAtt LedgerStream.Arn", "!GetAtt Other.Arn", "RecoverBatchesPolicy has no"),
        ('"Brought back"', '"Back again"', '0 graphs "Brought back"'),
    ],
)
def test_a_declaration_that_no_longer_fits_is_named(former: str, new: str, complaint: str) -> None:
    assert former in APPLICATION

    with pytest.raises(NotDerivable, match=re.escape(complaint)):
        derived(APPLICATION.replace(former, new))
