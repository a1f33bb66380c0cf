"""An addition to a file keeps everything else in it, byte for byte."""

import pytest

from scaffold.errors import RefusedRequest
from scaffold.insertion import with_consumer, with_guarantee, with_release_note

PATTERNS = {"block": "New:\n  Type: Function\n\n", "name": "New", "item": "- New\n", "none": ""}
TEMPLATE = """\
Resources:
  Old: # a comment
    Type: Function

  # new consumer: block

  Alarms:
    - Consumer
    - {Names: [Old, "Older"]} # new consumer: name
    - - !Ref Old   # kept
      - {Other: [1, 2], more: 3} # new consumer: item
      # new consumer: none
    - [Nobody] # new consumer: none
"""
EXTENDED = """\
Resources:
  Old: # a comment
    Type: Function

  New:
    Type: Function

  # new consumer: block

  Alarms:
    - Consumer
    - {Names: [Old, "Older", New]} # new consumer: name
    - - !Ref Old   # kept
      - {Other: [1, 2], more: 3} # new consumer: item
      - New
      # new consumer: none
    - [Nobody] # new consumer: none
"""


def test_each_part_of_a_consumer_is_inserted_at_its_place() -> None:
    assert with_consumer(TEMPLATE, PATTERNS.__getitem__) == EXTENDED


def test_a_second_consumer_follows_the_first() -> None:
    second = with_consumer(EXTENDED, lambda name: PATTERNS[name].replace("New", "Newer"))

    assert '{Names: [Old, "Older", New, Newer]} # new consumer: name' in second
    assert "      - Newer\n      - New\n" in second


def test_a_template_without_the_place_of_the_block_is_refused() -> None:
    with pytest.raises(RefusedRequest, match="has no line `# new consumer: block`"):
        with_consumer("Resources: {}\n", PATTERNS.__getitem__)


def test_a_guarantee_is_the_last_row_of_the_application() -> None:
    before = "# Guarantees\n\n## The application\n\n| statement |\n|---|\n| one |\n"
    after = "\n## All of it together\n\n| statement |\n|---|\n| two |\n"

    assert with_guarantee(before + after, "| new |\n") == before + "| new |\n" + after


def test_a_note_is_the_last_of_the_unreleased_ones() -> None:
    before = "# Changelog\n\n## Unreleased\n\n- one,\n  and more\n"
    after = "\n## 0.1.0\n\n- two\n"

    assert with_release_note(before + after, "- new\n") == before + "- new\n" + after


def test_a_page_without_the_section_is_refused() -> None:
    with pytest.raises(RefusedRequest, match="has no line `## Unreleased`"):
        with_release_note("# Changelog\n", "- new\n")
