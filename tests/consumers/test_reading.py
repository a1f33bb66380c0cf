"""What a consumer is stands in the template, and a consumer that does not say so is named."""

from typing import Any

import pytest

from architecture.sources import ROOT
from consumers.kinds import Feed, Kind, backfill_refusal, replay_refusal
from consumers.reading import Consumer, consumers
from sam_templates.document import read
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded

SEARCH = {"SearchEndpoint": "https://search.test", "SearchDomainName": "search"}
STREAM = {"Type": "AWS::Kinesis::Stream"}


def application(**parameters: str) -> dict[str, Consumer]:
    return {each.name: each for each in consumers(expanded(read(ROOT / "template.yaml"), parameters), parameters)}


def document(metadata: Any, stream: Any = None) -> dict[str, Any]:
    event = {"Type": "Kinesis", "Properties": {"Stream": stream or {"Fn::GetAtt": ["Stream", "Arn"]}}}
    properties = {"CodeUri": "functions/flag_overdue/", "Events": {"Changes": event}}
    return {
        "Resources": {
            "Stream": STREAM,
            "FlagsTable": {"Type": "AWS::DynamoDB::Table"},
            "FlagOverdueFunction": {
                "Type": "AWS::Serverless::Function",
                "Metadata": metadata,
                "Properties": properties,
            },
        }
    }


def test_the_consumers_of_the_application_are_read_from_its_template() -> None:
    found = application(**SEARCH)

    assert {name: (each.kind, each.feed) for name, each in found.items()}.items() >= {
        "count_tasks": (Kind.TALLY, Feed.TABLE),
        "archive_tasks": (Kind.ROWS, Feed.TABLE),
        "index_tasks": (Kind.NEWEST, Feed.CHANGES),
        "record_history": (Kind.ROWS, Feed.CHANGES),
        "replicate_tasks": (Kind.NEWEST, Feed.CHANGES),
        "measure_changes": (Kind.WINDOW, Feed.CHANGES),
        "announce_changes": (Kind.EFFECT, Feed.CHANGES),
        "project_licences": (Kind.NEWEST, Feed.OTHER),
    }.items()


def test_a_consumer_whose_condition_is_false_is_not_deployed() -> None:
    assert "index_tasks" not in application()


def test_a_view_is_named_with_the_parameters_in_place() -> None:
    own, given = application(), application(ReplicaTableName="elsewhere", ReplicaRegion="eu-central-1")

    assert (own["replicate_tasks"].view, own["replicate_tasks"].region) == ("ReplicaTable", "")
    assert (given["replicate_tasks"].view, given["replicate_tasks"].region) == ("elsewhere", "eu-central-1")


def test_the_filter_is_that_of_the_mapping() -> None:
    found = application()

    assert found["record_history"].filters == []
    assert "dynamodb.amazonaws.com" in found["archive_tasks"].filters[0]


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "FlagOverdueFunction reads a stream and does not say .* newest, rows, tally, effect, window"),
        ({"Consumer": "newest"}, "does not say what kind"),
        ({"Consumer": {"Kind": "latest", "View": "T"}}, "does not say what kind"),
        ({"Consumer": {"Kind": "newest"}}, "needs `View: !Ref TheTable`"),
        ({"Consumer": {"Kind": "newest", "View": "T", "Key": "k"}}, "has no member Key; it has"),
        ({"Consumer": {"Kind": "newest", "View": {"Ref": "Missing"}}}, "no resource Missing"),
    ],
)
def test_a_consumer_that_does_not_say_what_it_is_is_named(metadata: Any, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        consumers(document(metadata))


def test_a_stream_that_no_table_is_captured_into_is_another_feed() -> None:
    (found,) = consumers(document({"Consumer": {"Kind": "newest", "View": {"Ref": "FlagsTable"}}}))

    assert (found.name, found.feed, found.view) == ("flag_overdue", Feed.OTHER, "FlagsTable")


def test_only_changes_with_comparable_positions_are_replayed() -> None:
    replayed = {(kind, feed) for kind in Kind for feed in Feed if not replay_refusal(kind, feed)}

    assert replayed == {(kind, Feed.CHANGES) for kind in Kind}


def test_items_are_backfilled_only_where_an_item_is_what_the_view_is_about() -> None:
    backfilled = {(kind, feed) for kind in Kind for feed in Feed if not backfill_refusal(kind, feed)}

    assert backfilled == {(kind, feed) for kind in (Kind.NEWEST, Kind.TALLY) for feed in (Feed.TABLE, Feed.CHANGES)}


def test_the_memory_of_an_effect_goes_by_the_folder_unless_the_template_says_otherwise() -> None:
    (plain,) = consumers(document({"Consumer": {"Kind": "effect", "View": {"Ref": "FlagsTable"}}}))

    assert plain.row == {"id": "flag_overdue#{identity}"}
    assert application()["announce_changes"].row == {"id": "announcement#{identity}"}


def test_an_unknown_place_in_a_pattern_is_named_with_those_that_there_are() -> None:
    said = {"Kind": "rows", "View": {"Ref": "FlagsTable"}, "Row": {"change": "{position}#{when}"}}

    with pytest.raises(TemplateError, match=r"Row\.change has \{when\}; a pattern may have \{digest\}, "):
        consumers(document({"Consumer": said}))


def test_a_packaged_function_is_named_after_its_logical_id() -> None:
    packaged = document({"Consumer": {"Kind": "newest", "View": {"Ref": "FlagsTable"}}})
    packaged["Resources"]["FlagOverdueFunction"]["Properties"]["CodeUri"] = "s3://bucket/0f9edbd6"

    assert [each.name for each in consumers(packaged)] == ["flag_overdue"]
