"""Links between pages lead to a file, and to a heading of it if they name one."""

import re
from pathlib import Path

import pytest

from conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/*/*.md")])
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = LINK.findall(CODE.sub("", page.read_text()))

    assert [link for link in links if not leads_somewhere(page, *link)] == []


def test_a_link_to_a_missing_page_or_heading_is_found() -> None:
    readme = ROOT / "docs" / "README.md"

    assert leads_somewhere(readme, "runbook.md", "dead-letters")
    assert not leads_somewhere(readme, "runbook.md", "no-such-section")
    assert not leads_somewhere(readme, "no-such-page.md", "")


def leads_somewhere(page: Path, target: str, heading: str) -> bool:
    path = page.parent / target if target else page
    return path.exists() and (not heading or path.suffix != ".md" or heading in anchors(path))


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
