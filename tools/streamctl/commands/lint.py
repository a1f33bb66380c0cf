"""``lint``: what the stream mappings of a template risk."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from mapping_lint.lint import RULES, LintFinding, lint_file
from sam_templates.errors import TemplateError
from streamctl.command import Control, command
from streamctl.exits import Exit, Trouble
from streamctl.words import several
from terminal.flow import Flow
from terminal.text import Text, whole_line


@command("lint", example="streamctl lint template.yaml", needs_stack=False)
def lint(
    ctl: Control,
    templates: Annotated[list[Path], typer.Argument(metavar="FILE…", help="SAM or CloudFormation templates.")],
) -> Exit:
    """Look for ways in which the stream mappings of a template lose records, or stop for them.

    For any SAM or CloudFormation template, also as a check in CI: ends with 1 if something was found. What a resource
    need not keep, its Metadata says, with the reason (docs/streamctl.md).
    """
    found = [(path, finding) for path in templates for finding in _of(path)]
    complaints = [(path, finding) for path, finding in found if finding.excused is None]
    excused = len(found) - len(complaints)
    document = {"rules": len(RULES), "findings": [_document(path, finding) for path, finding in found]}
    ctl.screen.show(document, lambda: Group(*(_shown(path, finding) for path, finding in complaints)))
    beside = f", {several(excused, 'exception')} with a reason" if excused else ""
    ctl.screen.note(f"{several(len(complaints), 'finding')} by {len(RULES)} rules{beside}.")
    return Exit.ATTENTION if complaints else Exit.FINE


def _of(path: Path) -> list[LintFinding]:
    try:
        return lint_file(path)
    except TemplateError as error:
        raise Trouble(Exit.USAGE, f"{path} is no template that can be read: {error}") from error


def _document(path: Path, finding: LintFinding) -> dict[str, Any]:
    return {
        "file": str(path),
        "rule": finding.rule.name,
        "resource": finding.complaint.resource,
        "message": finding.complaint.message,
        "why": finding.rule.why,
        "page": finding.rule.page,
        "excused": finding.excused,
    }


def _shown(path: Path, finding: LintFinding) -> RenderableType:
    what = f" {finding.complaint.message}"
    complaint = Text.assemble((f"{path}: ", "dim"), (finding.complaint.resource, "bold"), what)
    why = Flow(indent=2).prose(f"{finding.rule.name}: {finding.rule.why}", "dim")
    return Group(Flow().prose(complaint), why, whole_line(f"  {finding.rule.page}", "dim"), Text())
