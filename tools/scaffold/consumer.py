"""All files of a new consumer."""

import re
from pathlib import Path

from mapping_lint.lint import LintFinding, lint
from mapping_lint.template import Template
from sam_templates.document import parse
from scaffold import insertion
from scaffold.errors import RefusedRequest
from scaffold.rendering import rendered
from scaffold.request import ConsumerRequest
from scaffold.sample import event
from scaffold.tree import require_new

TEMPLATE, GUARANTEES, CHANGELOG = "template.yaml", "docs/guarantees.md", "CHANGELOG.md"
EDITED = (TEMPLATE, GUARANTEES, CHANGELOG)
LOGICAL_ID = re.compile(r"^(\w+):$", re.MULTILINE)


def files(root: Path, request: ConsumerRequest) -> dict[str, str]:
    """Return the contents of all files of a consumer by their paths below ``root``, those that exist included.

    Raise ``RefusedRequest`` if a name is taken, or if a file has no place for the addition.
    """
    name, kind = request.name, request.kind
    new = {
        f"functions/{name}/app.py": rendered(f"app/{kind}.py.jinja", request),
        f"tests/functions/{name}/test_{name}.py": rendered(f"test/{kind}.py.jinja", request),
        f"tests/contracts/consumers/{name}.py": rendered(f"adapter/{kind}.py.jinja", request),
        f"events/{name}.json": event(request),
    }
    require_new(root, list(new))
    template, guarantees, changelog = ((root / path).read_bytes().decode() for path in EDITED)
    _require_free(template, rendered("places/block.yaml.jinja", request))
    return new | {
        TEMPLATE: insertion.with_consumer(template, lambda place: rendered(f"places/{place}.yaml.jinja", request)),
        GUARANTEES: insertion.with_guarantee(guarantees, rendered(f"guarantee/{kind}.md.jinja", request)),
        CHANGELOG: insertion.with_release_note(changelog, rendered("note.md.jinja", request)),
    }


def require_room(former: str, template: str) -> None:
    """Raise ``RefusedRequest`` if the new template breaks a rule that the former one keeps, such as a quota of AWS."""
    before = {(finding.rule.name, finding.complaint.resource) for finding in _findings(former)}
    for finding in _findings(template):
        if (finding.rule.name, finding.complaint.resource) not in before:
            raise RefusedRequest(
                f"with this consumer, {finding.complaint.resource} {finding.complaint.message} ({finding.rule.name}). "
                "Remove a consumer that you do not need, or use the other FEED"
            )


def _require_free(template: str, block: str) -> None:
    document = parse(template, TEMPLATE)
    taken = document["Resources"].keys() | (document.get("Parameters") or {}).keys()
    if found := [name for name in LOGICAL_ID.findall(block) if name in taken]:
        raise RefusedRequest(f"{TEMPLATE} has {found[0]} already: choose another NAME")


def _findings(template: str) -> list[LintFinding]:
    return [finding for finding in lint(Template.of(parse(template, TEMPLATE))) if finding.excused is None]
