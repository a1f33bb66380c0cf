"""Every sample event is for one function."""

from pathlib import Path

from consumers.events import SampleEvent, sample_events


def test_an_event_with_the_name_of_a_function_needs_no_entry_in_the_index(tmp_path: Path) -> None:
    (tmp_path / "functions" / "flag_overdue").mkdir(parents=True)
    (tmp_path / "functions" / "flag_overdue" / "app.py").touch()
    events = tmp_path / "events"
    events.mkdir()
    (events / "index.json").write_text('{"poison.json": {"function": "CountTasksFunction", "expect": "failure"}}')
    for name in ("poison.json", "flag_overdue.json", "nobody.json"):
        (events / name).touch()

    assert sample_events(tmp_path) == [
        SampleEvent(events / "poison.json", "CountTasksFunction", "failure"),
        SampleEvent(events / "flag_overdue.json", "FlagOverdueFunction", "success"),
    ]
