"""No function with a mapping is left out of the audit in silence."""

from demo.views_audit import audit_completeness


def test_a_mapped_function_whose_view_is_not_audited_fails_the_audit() -> None:
    finding = audit_completeness(["CountTasks", "FlagOverdue"], ["CountTasks"])

    assert not finding.holds
    assert finding.differences == ["FlagOverdue has a mapping of a stream, and its view is not audited"]


def test_the_audit_holds_if_the_view_of_each_mapped_function_is_audited() -> None:
    assert audit_completeness(["CountTasks"], ["CountTasks"]).holds
