"""FilterCriteria: every operator of Lambda's table, and what each source lets a pattern see."""

import base64
import json
from typing import Any

import pytest

from event_source_mapping import SettingsRefused
from event_source_mapping.filters import RecordFilter
from event_source_mapping.patterns import InvalidPattern, compile_pattern, parse_json
from event_source_mapping.rehearsal import DATA_STREAM_ARN, QUEUE_ARN, Rehearsal


def matches(pattern: str, document: str) -> bool:
    return compile_pattern(parse_json(pattern))(parse_json(document))


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ('{"a":[null]}', '{"a":null}', '{"a":"null"}'),
        ('{"a":[""]}', '{"a":""}', '{"a":" "}'),
        ('{"a":["Alice"]}', '{"a":"Alice"}', '{"a":"alice"}'),
        ('{"a":[true]}', '{"a":true}', '{"a":1}'),
        ('{"a":[300]}', '{"a":300}', '{"a":300.0}'),
        ('{"a":[3.0e2]}', '{"a":3.0e2}', '{"a":300}'),
        ('{"a":[{"equals-ignore-case":"ALICE"}]}', '{"a":"alice"}', '{"a":"bob"}'),
        ('{"a":["x"],"b":["y"]}', '{"a":"x","b":"y"}', '{"a":"x","b":"z"}'),
        ('{"a":["x","y"]}', '{"a":"y"}', '{"a":"z"}'),
        ('{"$or":[{"a":["x"]},{"b":["y"]}]}', '{"a":"q","b":"y"}', '{"a":"q","b":"q"}'),
        ('{"c":[1],"$or":[{"a":["x"]},{"b":["y"]}]}', '{"c":1,"a":"x"}', '{"c":2,"a":"x"}'),
        ('{"n":{"$or":[{"a":["x"]},{"b":["y"]}]}}', '{"n":{"b":"y"}}', '{"b":"y"}'),
        ('{"a":[{"anything-but":["x","y"]}]}', '{"a":"z"}', '{"a":"x"}'),
        ('{"a":[{"anything-but":"x"}]}', '{"a":"z"}', "{}"),
        ('{"a":[{"numeric":["=",5]}]}', '{"a":5.0}', '{"a":6}'),
        ('{"a":[{"numeric":[">",10,"<=",20]}]}', '{"a":20}', '{"a":10}'),
        ('{"a":[{"numeric":[">",100]}]}', '{"a":101}', '{"a":"101"}'),
        ('{"a":[{"exists":true}]}', '{"a":null}', "{}"),
        ('{"a":[{"exists":false}]}', "{}", '{"a":1}'),
        ('{"a":[{"prefix":"us-"}]}', '{"a":"us-east-1"}', '{"a":"eu-west-1"}'),
        ('{"a":[{"suffix":".png"}]}', '{"a":"x.png"}', '{"a":"x.jpg"}'),
        ('{"a":["x"]}', '{"a":["w","x"]}', '{"a":["w"]}'),
        ('{"a":{"b":[1]}}', '{"a":[{"b":2},{"b":1}]}', '{"a":[{"b":2}]}'),
        ('{"a":["x"],"a":["y"]}', '{"a":"y"}', '{"a":"x"}'),
    ],
)
def test_an_operator_matches_what_it_should_and_nothing_else(pattern: str, matching: str, other: str) -> None:
    assert matches(pattern, matching)
    assert not matches(pattern, other)


def test_exists_sees_leaves_only() -> None:
    item = '{"dynamodb":{"NewImage":{"presentKey":{"S":"x"}}}}'

    assert matches('{"dynamodb":{"NewImage":{"presentKey":[{"exists":false}]}}}', item)
    assert matches('{"dynamodb":{"NewImage":{"presentKey":{"S":[{"exists":true}]}}}}', item)
    assert not matches('{"dynamodb":{"NewImage":{"presentKey":[{"exists":true}]}}}', item)


@pytest.mark.parametrize(
    ("tags", "has_leaf"), [('["x"]', True), ('[["x"]]', True), ('[{"S":"x"}]', False), ("[]", False)]
)
def test_an_array_has_the_leaves_that_its_elements_are(tags: str, has_leaf: bool) -> None:
    document = f'{{"a":{tags}}}'

    assert matches('{"a":[{"exists":true}]}', document) is has_leaf
    assert matches('{"a":[{"exists":false}]}', document) is not has_leaf


def test_numeric_never_sees_the_numbers_of_a_table() -> None:
    pattern = '{"dynamodb":{"NewImage":{"n":{"N":[{"numeric":[">",100]},{"anything-but":"101"}]}}}}'

    found = [n for n in ("42", "101") if matches(pattern, json.dumps({"dynamodb": {"NewImage": {"n": {"N": n}}}}))]

    assert found == ["42"]


@pytest.mark.parametrize(
    "pattern",
    [
        "single-string",
        '[{"eventName": ["INSERT"=123}]',
        '["a"]',
        '{"a":"x"}',
        '{"a":[]}',
        '{"a":{}}',
        '{"a":[["x"]]}',
        '{"a":[{"wildcard":"x*"}]}',
        '{"a":[{"prefix":1}]}',
        '{"a":[{"suffix":null}]}',
        '{"a":[{"equals-ignore-case":1}]}',
        '{"a":[{"exists":"yes"}]}',
        '{"a":[{"numeric":[">"]}]}',
        '{"a":[{"numeric":["!=",1]}]}',
        '{"a":[{"anything-but":[]}]}',
        '{"a":[{"prefix":"x","suffix":"y"}]}',
        '{"$or":[{"a":["x"]}]}',
        '{"a":' * 600 + "[1]" + "}" * 600,
    ],
)
def test_a_pattern_that_lambda_would_not_understand_is_refused(pattern: str) -> None:
    with pytest.raises(SettingsRefused, match=r"Invalid filter pattern definition\."):
        RecordFilter.compiled((pattern,), "dynamodb")


def test_a_pattern_is_an_object() -> None:
    with pytest.raises(InvalidPattern):
        compile_pattern("text")


def test_a_pattern_may_have_4096_characters_and_a_mapping_five_filters() -> None:
    with pytest.raises(SettingsRefused):
        RecordFilter.compiled(('{"a":["' + "x" * 4_096 + '"]}',), "dynamodb")
    with pytest.raises(SettingsRefused):
        RecordFilter.compiled(('{"a":["x"]}',) * 6, "dynamodb")


def kinesis_record(data: bytes) -> dict[str, Any]:
    return {
        "kinesis": {"data": base64.b64encode(data).decode(), "partitionKey": "p"},
        "eventName": "aws:kinesis:record",
    }


@pytest.mark.parametrize(
    ("pattern", "data", "passes"),
    [
        ('{"data":{"a":["x"]}}', b'{"a":"x"}', True),
        ('{"data":{"a":["x"]}}', b'{"a":"y"}', False),
        ('{"data":{"a":["x"]}}', b"plain", False),
        ('{"data":{"a":[{"exists":false}]}}', b"plain", False),
        ('{"data":["plain"]}', b"plain", True),
        ('{"data":[{"prefix":"pl"}]}', b"plain", True),
        ('{"data":["plain"]}', b'{"a":"x"}', False),
        ('{"data":["plain"]}', b"\xff\xfe", False),
        ('{"eventName":["aws:kinesis:record"]}', b"plain", True),
        ('{"partitionKey":["p"]}', b'{"a":"x"}', True),
    ],
)
def test_the_data_of_a_kinesis_record_is_decoded_for_the_filter(pattern: str, data: bytes, passes: bool) -> None:
    record_filter = RecordFilter.compiled((pattern,), "kinesis")

    assert record_filter is not None
    assert record_filter.passes(kinesis_record(data)) is passes


def filtering(*patterns: str) -> dict[str, Any]:
    return {"FilterCriteria": {"Filters": [{"Pattern": pattern} for pattern in patterns]}}


def test_records_that_no_pattern_matches_are_passed_over_and_the_checkpoint_with_them() -> None:
    pattern = '{"dynamodb":{"NewImage":{"label":{"S":[{"prefix":"keep"}]}}}}'
    rehearsal = Rehearsal(filtering(pattern) | {"BatchSize": 2})
    for text in ("keep-1", "other", "keep-2", "keep-3"):
        rehearsal.put(text)
    last = rehearsal.put("other")

    rehearsal.play()

    assert rehearsal.delivered == [["keep-1", "keep-2"], ["keep-3"]]
    ((_, position),) = rehearsal.mapping.checkpoints()["shards"].items()
    assert position["sequenceNumber"] == last


def test_a_record_passes_when_any_filter_matches() -> None:
    rehearsal = Rehearsal(filtering('{"data":["a"]}', '{"data":["b"]}'), source_arn=DATA_STREAM_ARN)
    for text in "abc":
        rehearsal.put(text)

    rehearsal.play()

    assert rehearsal.delivered == [["a", "b"]]
    assert rehearsal.function.events[0]["Records"][0]["kinesis"]["data"] == "YQ=="


def test_messages_that_the_filter_drops_leave_the_queue() -> None:
    rehearsal = Rehearsal(filtering('{"body":{"kind":["wanted"]}}'), source_arn=QUEUE_ARN)
    rehearsal.put('{"kind":"wanted"}')
    rehearsal.put('{"kind":"other"}')
    rehearsal.put("plain")

    rehearsal.play()

    assert rehearsal.delivered == [['{"kind":"wanted"}']]
    assert rehearsal.queue is not None
    assert rehearsal.queue.bodies() == []


@pytest.mark.parametrize(
    "poison",
    ['{"kind":' + "9" * 5_000 + "}", "[" * 200_000, '{"kind":' + "[" * 2_000 + "]" * 2_000 + "}"],
    ids=["number", "depth", "lists"],
)
@pytest.mark.parametrize(("source", "key"), [(DATA_STREAM_ARN, "data"), (QUEUE_ARN, "body")], ids=["stream", "queue"])
def test_what_no_parser_takes_is_no_json_and_stops_nothing(poison: str, source: str, key: str) -> None:
    rehearsal = Rehearsal(filtering(json.dumps({key: {"kind": ["wanted"]}})), source_arn=source)
    rehearsal.put(poison)
    rehearsal.put('{"kind":"wanted"}')

    rehearsal.play()

    assert rehearsal.delivered == [['{"kind":"wanted"}']]
