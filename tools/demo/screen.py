"""What a person sees: the progress while the demo runs, and its findings."""

from collections.abc import Mapping, Sequence
from time import monotonic

from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from demo.audit import Finding
from demo.chronicle import Chronicle
from demo.journey import Stage
from terminal.console import Console
from terminal.flow import Flow
from terminal.grid import grid
from terminal.progress import label
from terminal.text import Text

SHOWN_DIFFERENCES = 5
NEXT_STEPS = {
    "make local": "keep the stack running on http://127.0.0.1:4566, until Ctrl-C; then, in another terminal:",
    ".venv/bin/streamctl status --local": "see what every consumer does",
    ".venv/bin/streamctl tail table --local": "follow the changes of the table",
    ".venv/bin/streamctl failures --local": "see which records failed, and why",
    ".venv/bin/streamctl --help": "see all commands; docs/streamctl.md shows their output",
    "make test-safeguards": "take each safeguard away, and see the simulation find it",
}


class ProgressScreen:
    """The progress of a run: a bar for the writes, a row for each mapping, a line that says what is going on."""

    def __init__(self, console: Console, chronicle: Chronicle, writes: int, functions: Mapping[str, str]) -> None:
        """``functions`` has the names of the functions to show, by what they are called on the screen."""
        self.console = console
        self._functions = functions
        self._chronicle = chronicle
        self._bar = Progress(label("writes"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
        self._task = self._bar.add_task("writes", total=writes)
        self._started = monotonic()
        self.doing = ""

    def wrote(self) -> None:
        """Count one write."""
        self._bar.advance(self._task)

    def __rich__(self) -> RenderableType:
        steps, counts = self._chronicle.steps, ("records done", "batches", "retries", "bisections", "given up")
        table = grid("function", *counts, right=set(counts))
        for name, full in self._functions.items():
            numbers = [self._chronicle.records[full]]
            numbers += [steps[full, step] for step in ("delivered", "retry_scheduled", "bisected", "discarded")]
            table.add_row(name, *map(str, numbers))
        recovered = self._chronicle.recovered
        line = f"RecoverBatches  {recovered['batches']} batches, {recovered['applied']} records applied, "
        line += f"{recovered['parked']} parked; {self._chronicle.refused} calls were refused"
        return Group(self._bar, table, Flow().prose(line), Text(self.doing, "dim"))


def show_findings(console: Console, title: str, findings: Sequence[Finding]) -> None:
    """Print a table of findings, with the first differences of those that do not hold."""
    table = grid("audited", "compared", "different", "", right={"compared", "different"})
    for finding in findings:
        verdict = Text("holds", "green") if finding.holds else Text("does not hold", "red")
        table.add_row(finding.subject, str(finding.compared), str(len(finding.differences)), verdict)
    differences = [
        Flow(indent=2).prose(f"{finding.subject}:", "red").prose(str(difference))
        for finding in findings
        for difference in finding.differences[:SHOWN_DIFFERENCES]
    ]
    console.print(Group(Flow().prose(title, "bold"), table, *differences, Text()), crop=False)


def show_next_steps(console: Console) -> None:
    """Print what to try next."""
    console.print()
    console.print(Text("What to try next", "bold"))
    table = grid("", "")
    for command, what in NEXT_STEPS.items():
        table.add_row(command, what)
    console.print(table)


def show_journey(console: Console, title: str, stages: Sequence[Stage]) -> None:
    """Print what happened to one record, each stage with the seconds since the first."""
    table = grid("", "", "")
    for stage in stages:
        table.add_row(Text(f"{stage.at - stages[0].at:7.2f} s", "dim"), Text(stage.name, "cyan"), stage.what)
    console.print(Group(Flow().prose(title, "bold"), table, Text()), crop=False)
