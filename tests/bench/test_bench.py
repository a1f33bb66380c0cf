"""The bench runs, with sizes so small that its figures mean nothing."""

import io

import pytest
from rich.console import Console

from bench.__main__ import main
from bench.figures import Figure, per_second

TINY = ["--runs", "1", "--alone", "--engine-records", "200", "400", "--records", "300", "--idle-seconds", "0.2"]


def report_of(*parts: str) -> str:
    shown = io.StringIO()
    assert main([*parts, *TINY, "--writes", "2"], Console(file=shown, width=200)) == 0
    return shown.getvalue()


@pytest.mark.parametrize(
    ("part", "row"),
    [
        ("engine", "time per record, 400 records"),
        ("endpoint", "300 records, batches of 100"),
        ("idle", "each mapping of a Kinesis shard"),
        ("latency", "--poll-interval"),
    ],
)
def test_a_part_shows_its_figures(part: str, row: str) -> None:
    report = report_of(part)

    assert row in report


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["weather"])


def test_a_ratio_is_the_median_of_the_ratios_of_pairs() -> None:
    slowing_down = Figure("", [100, 50, 10], per_second, [10, 5, 1], "")

    assert slowing_down.ratio == 10
