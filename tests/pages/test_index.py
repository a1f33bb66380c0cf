"""An index lists each page of its folder once."""

import re

import pytest

from conftest import ROOT

FOLDERS = ("docs", "docs/decisions")


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_index_lists_each_page_of_its_folder_once(folder: str) -> None:
    index = (ROOT / folder / "README.md").read_text()
    pages = sorted(path.name for path in (ROOT / folder).glob("*.md") if path.name != "README.md")

    listed = re.findall(r"^(?:- |\| )\[[^]]+\]\(([\w-]+\.md)\)", index, re.MULTILINE)

    assert sorted(listed) == pages
