"""Looking at a template by every rule, with regard to what it says about exceptions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mapping_lint import destinations, mappings, quotas, watching
from mapping_lint.rule import Complaint, Rule
from mapping_lint.template import Template
from sam_templates.errors import TemplateError

RULES = (*mappings.RULES, *destinations.RULES, *watching.RULES, *quotas.RULES)


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A complaint with its rule; ``excused`` is the reason that the template gives, ``None`` where it gives none."""

    rule: Rule
    complaint: Complaint
    excused: str | None


def lint(template: Template) -> list[LintFinding]:
    """Return what every rule finds, in the order of the rules. Raises ``TemplateError`` for a wrong exception."""
    excuses = dict(_excuses(template))
    return [
        LintFinding(rule, complaint, excuses.get((complaint.resource, rule.name)))
        for rule in RULES
        for complaint in rule.complaints(template)
    ]


def lint_file(path: Path) -> list[LintFinding]:
    """Read a template and look at it. Raises ``TemplateError`` for what is none."""
    return lint(Template.load(path))


def _excuses(template: Template) -> Iterator[tuple[tuple[str, str], str]]:
    known = {rule.name for rule in RULES}
    for name, resource in template.excusing():
        for rule, reason in resource.items():
            if rule not in known or not isinstance(reason, str) or not reason.strip():
                raise TemplateError(f"{name}: an exception is a rule's name with a reason, not {rule}: {reason!r}")
            yield (name, rule), reason
