"""A table that loses nothing on a narrow terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text as RichText

from terminal.flow import GAP, Flow
from terminal.lines import Lines
from terminal.text import Text, whole_line

NARROWEST_PROSE = 24
"""Columns in which words of the last column are still wrapped beside the others; in fewer they go below the row."""

NOTHING = frozenset({"", "-"})
"""Cells that are not repeated below their row."""

Cell = str | RichText


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that stand beside each other: all of the first ``kept``, then one in the rest of the line, if any."""

    kept: int
    rest: int | None


def layout(widths: Sequence[int], last_heading: int, available: int) -> Layout:
    """Return how columns of these widths are laid out. The first column always stays."""
    ends = [sum(widths[: n + 1]) + GAP * n for n in range(len(widths))]
    kept = max(1, sum(end <= available for end in ends))
    if kept == len(widths) - 1 and available - ends[kept - 1] - GAP >= max(last_heading, 1):
        return Layout(kept, available - ends[kept - 1] - GAP)
    return Layout(kept, None)


class Grid(Lines):
    """Rows under dim headings. No cell is cut.

    Columns that do not fit go below their row, with their headings; the last one stays beside the others where its
    cells fit or can be wrapped there.
    """

    def __init__(self, *headings: str, right: frozenset[str] | set[str] = frozenset()) -> None:
        self._headings: list[RichText] = [Text(heading, "dim") for heading in headings]
        self._right = {number for number, heading in enumerate(headings) if heading in right}
        self._rows: list[list[RichText]] = []

    def add_row(self, *cells: Cell, style: str = "") -> None:
        """Add a row, with a cell for each heading; ``style`` is that of the whole row."""
        row = [cell.copy() if isinstance(cell, RichText) else Text(cell) for cell in cells]
        for cell in row:
            cell.stylize_before(style)
        self._rows.append(row)

    def lines(self, width: int) -> Iterator[RichText]:
        shown: list[list[RichText]] = [self._headings, *self._rows]
        widths = [max(cell.cell_len for cell in column) for column in zip(*shown, strict=True)]
        plan = layout(widths, self._headings[-1].cell_len, width)
        if any(heading.plain for heading in self._headings):
            beside = plan.kept + (plan.rest is not None)
            yield self._beside(self._headings[:beside], widths)
        for row in self._rows:
            yield from self._row(row, widths, plan, width)

    def _row(self, row: Sequence[RichText], widths: Sequence[int], plan: Layout, width: int) -> Iterator[RichText]:
        cells, below = list(row[: plan.kept]), range(plan.kept, len(row))
        wrapped: list[RichText] = []
        if plan.rest is not None:
            last = row[plan.kept]
            wrapped = _wrapped(last, plan.rest)
            if wrapped:
                cells, below = [*cells, wrapped.pop(0)], range(0)
        yield self._beside(cells, widths)
        for line in wrapped:
            yield whole_line(" " * (width - (plan.rest or 0))).append_text(line)
        under = Flow(indent=2, hanging=4)
        for number in below:
            heading = Text() if plan.rest is not None else self._headings[number]
            if row[number].plain not in NOTHING:
                under.phrase(Text.assemble(heading, " " if heading.plain else "", row[number]))
        yield from (line for line in under.lines(width) if line.plain.strip())

    def _beside(self, cells: Sequence[RichText], widths: Sequence[int]) -> Text:
        line = whole_line("")
        for number, cell in enumerate(cells):
            padding = " " * max(0, widths[number] - cell.cell_len)
            line.append(" " * GAP if number else "")
            line.append(padding if number in self._right else "").append_text(cell)
            line.append(padding if number not in self._right and number < len(cells) - 1 else "")
        line.rstrip()
        return line


def _wrapped(cell: RichText, width: int) -> list[RichText]:
    """Return the lines of a cell in a width; none if it has to go below: its words do not fit, or it is too narrow."""
    if cell.cell_len <= width:
        return [whole_line(cell)]
    lines = list(Flow(hanging=0).prose(cell).lines(width))
    return lines if width >= NARROWEST_PROSE and all(line.cell_len <= width for line in lines) else []


def grid(*headings: str, right: frozenset[str] | set[str] = frozenset()) -> Grid:
    """Return an empty table; ``right`` names the columns that are aligned to the right."""
    return Grid(*headings, right=right)
