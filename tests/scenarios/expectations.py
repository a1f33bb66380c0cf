"""What a scenario expects, each key checked by the method of its name.

deliveries    every invocation's records in order: "a b", or {records, at, window, state, final, early}
at            the second, from the scenario's beginning, of every invocation
together      the most invocations that ran at once
order         item: its records in the order in which they were first delivered
checkpoint    of the first shard: the last record done with, SHARD_END, or null; `checkpoints` for several
messages      of the destination: fields by their names wherever they stand in the message ("absent" for a key that
              is not there), `records` for first, last and number of the records, `keys` for the order of the keys
objects       of a bucket: {prefix, payload: records}
steps         "kind records", of the kinds that the list names; deliveries with their outcome
event         the first event, whole; `fields` of its first record only
queue         the messages that are left
configuration    a part of what GetEventSourceMapping answers
state, result    at the end; `initially` for both before anything has run
refused       {code, message} of the request
"""

import json
from collections.abc import Iterator
from typing import Any

from event_source_mapping import StepKind
from event_source_mapping.failure_message import object_key, with_payload
from event_source_mapping.rehearsal import identifier
from scenarios.stage import Stage

ABSENT = "absent"


class Expectations:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def check(self) -> None:
        expect = self.stage.scenario.expect
        if self.stage.refused is not None and "refused" not in expect:
            raise self.stage.refused
        for name, expected in expect.items():
            getattr(self, name)(self.stage.expected(expected))

    def refused(self, expected: dict[str, str]) -> None:
        refused = self.stage.refused
        assert refused is not None, "the settings were accepted"
        assert {"code": refused.code, "message": refused.message} == expected

    def deliveries(self, expected: list[Any]) -> None:
        function = self.stage.rehearsal.function
        found = zip(function.events, function.moments, strict=True)
        described = [self._described(event, moment) for event, moment in found]
        for index, entry in enumerate(expected):
            if isinstance(entry, str):
                expected[index] = {"records": entry}
        assert [delivery["records"] for delivery in described] == [entry["records"] for entry in expected]
        for delivery, entry in zip(described, expected, strict=True):
            assert {name: delivery[name] for name in entry} == entry

    def _described(self, event: dict[str, Any], moment: float) -> dict[str, Any]:
        window = event.get("window", {})
        return {
            "records": self._labels(event["Records"]),
            "at": self._since(moment),
            "window": [window.get("start"), window.get("end")],
            "state": event.get("state"),
            "final": event.get("isFinalInvokeForWindow"),
            "early": event.get("isWindowTerminatedEarly"),
        }

    def _labels(self, records: list[dict[str, Any]]) -> str:
        return " ".join(self.stage.script.labels(records))

    def _since(self, moment: float) -> float:
        return round(moment - self.stage.began, 2)

    def at(self, expected: list[float]) -> None:
        assert [self._since(moment) for moment in self.stage.rehearsal.function.moments] == expected

    def together(self, expected: int) -> None:
        assert self.stage.rehearsal.function.most_running == expected

    def order(self, expected: dict[str, str]) -> None:
        events = self.stage.rehearsal.function.events
        labels = list(dict.fromkeys(label for event in events for label in self.stage.script.labels(event["Records"])))
        found = {item: " ".join(label for label in labels if self.stage.items[label] == item) for item in expected}
        assert found == expected

    def checkpoint(self, expected: str | None) -> None:
        self.checkpoints({0: expected})

    def checkpoints(self, expected: dict[int, str | None]) -> None:
        reached = self.stage.rehearsal.checkpoints
        labels = {name: label for label, name in self.stage.names.items()}
        found = {index: reached.get(self.stage.shards[index], ABSENT) for index in expected}
        assert {index: labels.get(place or "", place) for index, place in found.items()} == expected

    def messages(self, expected: list[dict[str, Any]]) -> None:
        received = self.stage.rehearsal.destinations.received
        assert len(received) == len(expected)
        for (destination, batch), fields in zip(received, expected, strict=True):
            known = dict(_fields(batch.message)) | {"destination": destination, "keys": list(batch.message)}
            known["records"] = self._labels(batch.payload["Records"])
            assert {name: known.get(name, ABSENT) for name in fields} == fields
            names = [identifier(record) for record in batch.payload["Records"]]
            ends = [known["startSequenceNumber"], known["endSequenceNumber"], known["batchSize"]]
            assert ends == [names[0], names[-1], len(names)]

    def objects(self, expected: list[dict[str, str]]) -> None:
        batches = [batch for _, batch in self.stage.rehearsal.destinations.received]
        found = []
        for batch, entry in zip(batches, expected, strict=True):
            document = with_payload(batch.message, batch.payload)
            key = object_key(batch.message, batch.mapping_uuid, batch.shard_id, "random")
            records = json.loads(document.pop("payload"))["Records"]
            assert document == batch.message
            found.append({"prefix": key[: len(entry["prefix"])], "payload": self._labels(records)})
        assert found == expected

    def steps(self, expected: list[str]) -> None:
        kinds = {entry.split()[0] for entry in expected}
        labels = {name: label for label, name in self.stage.names.items()}
        found = []
        for step in self.stage.rehearsal.log.steps:
            if step.kind in kinds:
                outcome = [step.detail["outcome"]] if step.kind is StepKind.DELIVERED else []
                found.append(" ".join([step.kind, *outcome, *(labels[name] for name in step.sequence_numbers)]))
        assert found == expected

    def event(self, expected: dict[str, Any]) -> None:
        assert self.stage.rehearsal.events[0] == expected

    def fields(self, expected: dict[str, Any]) -> None:
        record = dict(_fields(self.stage.rehearsal.events[0]["Records"][0]))
        assert {name: record.get(name, ABSENT) for name in expected} == expected

    def queue(self, expected: str) -> None:
        left = [label for label, name in self.stage.names.items() if name in self.stage.rehearsal.queue.message_ids()]
        assert " ".join(left) == expected

    def configuration(self, expected: dict[str, Any]) -> None:
        configuration = self.stage.rehearsal.mapping.settings.to_configuration()
        assert {name: configuration.get(name, ABSENT) for name in expected} == expected

    def initially(self, expected: dict[str, str]) -> None:
        mapping = self.stage.rehearsal.new_mapping()
        assert {"state": mapping.state, "result": mapping.last_processing_result} == expected

    def state(self, expected: str) -> None:
        assert self.stage.rehearsal.mapping.state == expected

    def result(self, expected: str) -> None:
        assert self.stage.rehearsal.mapping.last_processing_result == expected


def _fields(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every key of a document, at any depth, with its value."""
    for name, value in document.items():
        yield name, value
        if isinstance(value, dict):
            yield from _fields(value)
