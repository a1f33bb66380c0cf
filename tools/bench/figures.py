"""What is measured, and how it is shown: the medians of paired runs, and their ratio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

type Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: runs of ours, in pairs with runs of what it is compared with (none: it stands by itself)."""

    name: str
    ours: Sequence[float]
    shown: Format
    baseline: Sequence[float] = ()
    beside: str = ""  # what `baseline` is

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


def percent(value: float) -> str:
    return f"{value * 100:.2f} %"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:+.1f} MiB"


class Report:
    """Collects the figures of each part and prints a table as soon as the part is through."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def doing(self, what: str) -> None:
        """Say what takes the time, on a terminal only."""
        if self._console.is_terminal:
            self._console.print(f"… {what}", style="dim")

    def part(self, title: str, figures: Sequence[Figure]) -> None:
        runs = len(figures[0].ours)
        table = Table(title=f"{title}; medians of {runs}", box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        for heading in ("", "", "beside it", "ratio"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.columns[0].justify = "left"
        for figure in figures:
            ratio = figure.ratio
            table.add_row(
                figure.name,
                figure.shown(median(figure.ours)),
                f"{figure.beside} {figure.shown(median(figure.baseline))}" if figure.baseline else "",
                "" if ratio is None else f"{ratio:.2f}",
            )
        self._console.print(table)
