"""Narrow terminals: nothing is cut, and no identifier is broken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.flow import Flow
from terminal.grid import Grid, grid, layout
from terminal.text import Text

NUMBER = "49017952408814917340000000000000000000000000000000000000"
REASON = "task with status 'finished', not one of open, in_progress, done"


def lines(made: Flow | Grid, width: int) -> list[str]:
    return [line.plain for line in made.lines(width)]


def a_table() -> Grid:
    table = grid("function", "lag", "result", right={"lag"})
    table.add_row("CountTasks", "1.4 s", "OK")
    table.add_row("ReplicateTasks", "12 min", REASON)
    return table


def test_a_table_that_fits_is_a_table() -> None:
    assert lines(a_table(), 100) == [
        "function           lag  result",
        "CountTasks       1.4 s  OK",
        f"ReplicateTasks  12 min  {REASON}",
    ]


def test_a_long_last_column_is_wrapped_beside_the_others() -> None:
    assert lines(a_table(), 60) == [
        "function           lag  result",
        "CountTasks       1.4 s  OK",
        "ReplicateTasks  12 min  task with status 'finished', not one",
        "                        of open, in_progress, done",
    ]


def test_what_cannot_be_wrapped_beside_the_others_goes_below_its_row() -> None:
    assert lines(a_table(), 40) == [
        "function           lag  result",
        "CountTasks       1.4 s  OK",
        "ReplicateTasks  12 min",
        "  task with status 'finished', not one",
        "    of open, in_progress, done",
    ]


def test_columns_that_do_not_fit_go_below_with_their_headings() -> None:
    assert lines(a_table(), 18) == [
        "function",
        "CountTasks",
        "  lag 1.4 s",
        "    result OK",
        "ReplicateTasks",
        "  lag 12 min",
        "    result task",
        "    with status",
        "    'finished',",
        "    not one of",
        "    open,",
        "    in_progress,",
        "    done",
    ]


def test_a_number_that_is_wider_than_the_terminal_stays_in_one_piece() -> None:
    assert lines(Flow().whole("shard").whole(NUMBER).prose("and words"), 40) == ["shard", NUMBER, "  and words"]


def test_a_number_is_not_indented_where_it_fits_only_so() -> None:
    assert lines(Flow().whole("shard").whole(NUMBER), 57) == ["shard", NUMBER]
    assert lines(Flow().whole("shard").whole(NUMBER), 58) == ["shard", f"  {NUMBER}"]


def test_a_phrase_is_broken_only_if_no_line_holds_it() -> None:
    made = Flow().whole("MODIFY").phrase(Text("status open > done"))

    assert lines(made, 30) == ["MODIFY  status open > done"]
    assert lines(made, 20) == ["MODIFY", "  status open > done"]
    assert lines(made, 16) == ["MODIFY  status", "  open > done"]


words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=30)


@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=4), st.integers(10, 120))
def test_every_word_of_a_table_is_whole_at_any_width(rows: list[tuple[str, str, str]], width: int) -> None:
    table = grid("one", "two", "three")
    for row in rows:
        table.add_row(*row)

    shown = re.split(r"\s+", "\n".join(lines(table, width)))

    assert {cell for row in rows for cell in row} <= set(shown)


@given(st.lists(st.tuples(words, st.booleans()), max_size=12), st.integers(10, 120))
def test_no_line_is_wider_than_the_terminal_unless_it_is_one_word(parts: list[tuple[str, bool]], width: int) -> None:
    line = Flow(indent=2)
    for text, is_prose in parts:
        line = line.prose(text) if is_prose else line.whole(text)

    found = lines(line, width)

    assert " ".join(found).split() == [text for text, _ in parts]
    assert all(len(each) <= width or len(each.split()) == 1 for each in found)


@pytest.mark.parametrize("width", [0, 1, 5])
def test_the_first_column_stays_on_the_narrowest_terminal(width: int) -> None:
    assert layout([10, 10], 3, width).kept == 1


def test_a_text_of_many_words_is_laid_out_word_by_word() -> None:
    text = Text("word " * 10_000)

    assert len(lines(Flow().prose(text), 1_000_000)) == 1
    assert len(lines(Flow(hanging=0).prose(text), 9)) == 5_000
