"""The runtime's output goes to the log until it ends, whoever else closes the log before."""

from collections.abc import Iterator
from pathlib import Path

from demo.runtime import copy_lines


def test_lines_that_come_after_the_log_was_closed_elsewhere_are_copied(tmp_path: Path) -> None:
    log = tmp_path / "runtime.log"
    other = log.open("a", buffering=1)

    def lines() -> Iterator[str]:
        yield "first\n"
        other.close()
        yield "second\n"

    copy_lines(lines(), log)

    assert log.read_text() == "first\nsecond\n"
