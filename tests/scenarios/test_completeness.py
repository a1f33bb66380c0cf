"""Nothing is left out: every setting and every known fact is in a scenario, and scenarios name only what there is."""

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from event_source_mapping import MappingSettings, SettingsRefused
from event_source_mapping.rehearsal import QUEUE_ARN, TABLE_STREAM_ARN
from scenarios.expectations import Expectations
from scenarios.scenario import Scenario, facts, paths, read, recordings
from scenarios.stage import SOURCES, Stage

ROOT = Path(__file__).parents[2]
SCENARIOS = {path.stem: read(path) for path in paths()}
FACTS = facts()
STRENGTHS = {"REC", "DOC", "OBS", "INF", "UNSOURCED"}
SECTIONS = {"1", "2", "3", "4a", "4b", "4c", "4d", "5", "6", "queues"}
FILTERS = {"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}
STREAM = MappingSettings.from_request(
    {"EventSourceArn": TABLE_STREAM_ARN, "StartingPosition": "LATEST"} | FILTERS
).to_configuration()
QUEUE = MappingSettings.from_request(
    {"EventSourceArn": QUEUE_ARN, "ScalingConfig": {"MaximumConcurrency": 2}} | FILTERS
).to_configuration()
OF_STREAMS = set(STREAM) | {"Enabled", "StartingPositionTimestamp"}
OF_QUEUES = set(QUEUE) | {"Enabled"}
OF_ANY_SOURCE = {"EventSourceArn"}


def accepted(of_queues: bool) -> list[Scenario]:
    """The scenarios of queues or of streams, without those that show a refusal."""
    return [
        scenario
        for scenario in SCENARIOS.values()
        if "refused" not in scenario.expect and (":sqs:" in SOURCES[scenario.source]) is of_queues
    ]


@pytest.mark.parametrize(
    ("settings", "of_queues"),
    [
        (OF_STREAMS, False),
        (OF_QUEUES, True),
    ],
    ids=["streams", "queues"],
)
def test_every_setting_is_in_a_scenario(settings: set[str], of_queues: bool) -> None:
    used = {name for scenario in accepted(of_queues) for name in scenario.request}

    assert settings - OF_ANY_SOURCE - used == set()


def plays(scenario: Scenario) -> bool:
    """Whether what the scenario expects comes about."""
    stage = Stage(scenario)
    try:
        stage.play()
        Expectations(stage).check()
    except (AssertionError, LookupError, AttributeError, TypeError, SettingsRefused):
        return False
    return True


@pytest.mark.parametrize(
    ("setting", "of_queues"),
    [(name, False) for name in sorted(OF_STREAMS - OF_ANY_SOURCE)]
    + [(name, True) for name in sorted(OF_QUEUES - OF_ANY_SOURCE)],
)
def test_a_scenario_comes_out_otherwise_without_the_setting(setting: str, of_queues: bool) -> None:
    for scenario in accepted(of_queues):
        if setting in scenario.request and not set(scenario.expect) <= {"configuration", "initially"}:
            rest = {name: value for name, value in scenario.request.items() if name != setting}
            if not plays(replace(scenario, settings=rest, destination=None, expect=deepcopy(scenario.expect))):
                return

    pytest.fail(f"no scenario depends on {setting}")


def test_every_kind_of_source_and_destination_is_in_a_scenario() -> None:
    assert {scenario.source for scenario in SCENARIOS.values()} == set(SOURCES)
    assert {scenario.destination for scenario in SCENARIOS.values()} == {None, "queue", "topic", "bucket"}


def test_every_fact_is_shown_by_a_scenario_or_held_by_a_test() -> None:
    shown = {name for scenario in SCENARIOS.values() for name in scenario.facts}

    assert {name for name, fact in FACTS.items() if fact.test is None} - shown == set()


def test_every_scenario_shows_facts_that_there_are() -> None:
    unknown = {name: set(scenario.facts) - set(FACTS) for name, scenario in SCENARIOS.items()}

    assert [name for name, missing in unknown.items() if missing] == []
    assert [name for name, scenario in SCENARIOS.items() if not scenario.facts] == []


def test_every_fact_has_a_strength_and_a_section() -> None:
    odd = [name for name, fact in FACTS.items() if fact.strength not in STRENGTHS or fact.section not in SECTIONS]

    assert odd == []
    assert {fact.section for fact in FACTS.values()} == SECTIONS


def test_facts_are_recorded_that_say_so_and_no_recording_is_left_out() -> None:
    borne_out = {name for names in recordings().values() for name in names}

    assert borne_out == {name for name, fact in FACTS.items() if fact.strength == "REC" and fact.section != "1"}


@pytest.mark.parametrize("name", [name for name, fact in FACTS.items() if fact.test])
def test_a_test_that_holds_a_fact_exists(name: str) -> None:
    path, _, test = (FACTS[name].test or "").partition("::")

    assert re.search(rf"^def {test}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_scenarios_differ() -> None:
    played = [(s.source, s.request, s.given, s.function, s.shards) for s in SCENARIOS.values()]

    assert [name for name, scenario in zip(SCENARIOS, played, strict=True) if played.count(scenario) > 1] == []
