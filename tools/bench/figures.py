"""What is measured, and how it is shown: the medians of paired runs, and their ratio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table

# As wide as the widest table: what is cut off in a narrow window or a file is no figure.
_WIDTH = 120

type Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: runs of ours, in pairs with runs of what it is compared with (none: it stands by itself).

    `target` is what the reader is to compare it with; nothing fails by it.
    """

    name: str
    ours: Sequence[float]
    shown: Format
    baseline: Sequence[float] = ()
    beside: str = ""  # what `baseline` is
    target: str = ""

    @property
    def spread(self) -> str:
        """The least and the most of the runs."""
        return f"{self.shown(min(self.ours))} … {self.shown(max(self.ours))}" if len(self.ours) > 1 else ""

    @property
    def compared(self) -> str:
        return f"{self.beside} {self.shown(median(self.baseline))}" if self.baseline else ""

    @property
    def ratio(self) -> float | None:
        """The median of the ratios of the pairs, which a machine that slows down half-way leaves as it is."""
        if not self.baseline:
            return None
        return median(one / other for one, other in zip(self.ours, self.baseline, strict=True))


def per_second(value: float) -> str:
    return f"{value:,.0f}/s"


def microseconds(value: float) -> str:
    return f"{value * 1e6:.2f} µs"


def nanoseconds(value: float) -> str:
    return f"{value * 1e9:,.0f} ns"


def milliseconds(value: float) -> str:
    return f"{value * 1e3:.1f} ms"


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def percent(value: float) -> str:
    return f"{value * 100:.2f} %"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:+.1f} MiB"


class Report:
    """Collects the figures of each part and prints a table as soon as the part is through."""

    def __init__(self, console: Console) -> None:
        self._console = console
        console.width = max(console.width, _WIDTH)

    def doing(self, what: str) -> None:
        """Say what takes the time, on a terminal only."""
        if self._console.is_terminal:
            self._console.print(f"… {what}", style="dim")

    def note(self, text: str) -> None:
        """Say on one line what the reader of the figures must know."""
        self._console.print(text, soft_wrap=True, highlight=False)

    def part(self, title: str, figures: Sequence[Figure]) -> None:
        """Print a row for each figure, and of the columns those that hold something."""
        columns = {
            "": [figure.name for figure in figures],
            "median": [figure.shown(median(figure.ours)) for figure in figures],
            "from … to": [figure.spread for figure in figures],
            "beside it": [figure.compared for figure in figures],
            "ratio": ["" if figure.ratio is None else f"{figure.ratio:.2f}" for figure in figures],
            "target": [figure.target for figure in figures],
        }
        filled = {heading: cells for heading, cells in columns.items() if any(cells)}
        runs = len(figures[0].ours)
        caption = f"{title}; {runs} runs" if runs > 1 else f"{title}; 1 run"
        table = Table(title=caption, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        for heading in filled:
            justify: JustifyMethod = "left" if heading in ("", "target") else "right"
            table.add_column(heading, justify=justify, no_wrap=True)
        for row in zip(*filled.values(), strict=True):
            table.add_row(*row)
        self._console.print(table)
