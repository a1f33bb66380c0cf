"""The files of a consumer: few, complete, and nothing else in the project changes."""

import difflib

import pytest

from architecture.sources import ROOT
from consumers.kinds import Kind
from consumers.reading import consumers
from sam_templates.document import parse
from sam_templates.language_extensions import expanded
from scaffold.consumer import EDITED, files, require_room
from scaffold.errors import RefusedRequest
from scaffold.request import LONGEST_NAME, ConsumerRequest, requested

MOST_FILES = 7
LONGEST_LINE = 120
REQUESTS = [
    requested("flag_overdue", kind, feed)
    for kind in Kind
    for feed in ("changes", "table")
    if (kind, feed) != (Kind.WINDOW, "table")
]
each_request = pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: f"{each.kind}-{each.feed.name.lower()}")


@each_request
def test_a_consumer_is_at_most_seven_files_and_an_addition_to_those_that_exist(request_: ConsumerRequest) -> None:
    contents = files(ROOT, request_)

    assert len(contents) <= MOST_FILES
    for path in EDITED:
        former, new = (ROOT / path).read_text().splitlines(), contents[path].splitlines()
        removed = [line for line in difflib.ndiff(former, new) if line.startswith("- ")]
        assert all("# new consumer: " in line for line in removed), path
        assert len(new) > len(former), path


@each_request
def test_the_template_says_what_was_asked_for(request_: ConsumerRequest) -> None:
    document = expanded(parse(files(ROOT, request_)["template.yaml"]))

    made = {each.name: each for each in consumers(document)}[request_.name]

    assert (made.kind, made.feed) == (request_.kind, request_.feed)
    assert made.request["EventSourceArn"]
    assert made.request["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("kind", Kind)
def test_code_stays_within_the_longest_line_with_the_longest_name(kind: Kind) -> None:
    name = ("a" * (LONGEST_NAME - 2)) + "_b"

    contents = files(ROOT, requested(name, kind, "changes"))

    long = [line for path, text in contents.items() if path.endswith(".py") for line in text.splitlines()]
    assert [line for line in long if len(line) > LONGEST_LINE] == []


def test_a_name_that_the_project_has_is_refused() -> None:
    with pytest.raises(RefusedRequest, match="functions/count_tasks exists: choose another NAME"):
        files(ROOT, requested("count_tasks", "tally", "changes"))
    with pytest.raises(RefusedRequest, match=r"template.yaml has TasksTable already: choose another NAME"):
        files(ROOT, requested("tasks", "newest", "changes"))


def test_a_third_reader_of_the_tables_stream_is_refused() -> None:
    former = (ROOT / "template.yaml").read_text()
    template = files(ROOT, requested("flag_overdue", "newest", "table"))["template.yaml"]

    with pytest.raises(RefusedRequest, match=r"TasksTable has 3 mappings on its stream, which bears two readers"):
        require_room(former, template)


def test_one_more_reader_of_the_change_stream_has_room() -> None:
    former = (ROOT / "template.yaml").read_text()

    require_room(former, files(ROOT, requested("flag_overdue", "newest", "changes"))["template.yaml"])
