"""What a person sees: the progress while the demo runs, and its findings."""

from collections.abc import Sequence
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo.audit import Finding
from demo.chronicle import Chronicle
from demo.journey import Stage

SHOWN_DIFFERENCES = 5
FUNCTIONS = (
    "CountTasks",
    "ArchiveTasks",
    "IndexTasks",
    "RecordHistory",
    "ReplicateTasks",
    "MeasureChanges",
    "AnnounceChanges",
    "ProjectLicences",
)

NEXT_STEPS = {
    "make local": "keep the stack running on http://127.0.0.1:4566, until Ctrl-C; then, in another terminal:",
    ".venv/bin/streamctl status --local": "see what every consumer does",
    ".venv/bin/streamctl tail table --local": "follow the changes of the table",
    ".venv/bin/streamctl failures --local": "see which records failed, and why",
    ".venv/bin/streamctl --help": "see all commands; docs/streamctl.md shows their output",
    "make test-safeguards": "take each safeguard away, and see the simulation find it",
}


class Screen:
    """The progress of a run: a bar for the writes, a row for each mapping, a line that says what is going on."""

    def __init__(self, console: Console, chronicle: Chronicle, writes: int) -> None:
        self.console = console
        self._chronicle = chronicle
        self._bar = Progress(
            TextColumn("writes"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self._task = self._bar.add_task("writes", total=writes)
        self._started = monotonic()
        self.doing = ""

    def wrote(self) -> None:
        """Count one write."""
        self._bar.advance(self._task)

    def __rich__(self) -> RenderableType:
        steps, table = self._chronicle.steps, Table(box=None, pad_edge=False, header_style="dim")
        for heading in ("function", "records done", "batches", "retries", "bisections", "given up"):
            table.add_column(heading, justify="left" if heading == "function" else "right")
        for name in FUNCTIONS:
            full = next((one for one, _ in steps if name in one), name)
            numbers = [self._chronicle.records[full]]
            numbers += [steps[full, step] for step in ("delivered", "retry_scheduled", "bisected", "discarded")]
            table.add_row(name, *map(str, numbers))
        recovered = self._chronicle.recovered
        line = f"RecoverBatches  {recovered['batches']} batches, {recovered['applied']} records applied, "
        line += f"{recovered['parked']} parked; {self._chronicle.refused} calls were refused"
        return Group(self._bar, table, line, f"[dim]{self.doing}[/]")


def show_findings(console: Console, title: str, findings: Sequence[Finding]) -> None:
    """Print a table of findings, with the first differences of those that do not hold."""
    console.print(f"[bold]{title}[/]", highlight=False)
    table = Table(box=None, header_style="dim")
    table.add_column("audited")
    table.add_column("compared", justify="right")
    table.add_column("different", justify="right")
    table.add_column("")
    for finding in findings:
        verdict = "[green]holds[/]" if finding.holds else "[red]does not hold[/]"
        table.add_row(finding.subject, str(finding.compared), str(len(finding.differences)), verdict)
    console.print(table)
    for finding in findings:
        for difference in finding.differences[:SHOWN_DIFFERENCES]:
            console.print(f"  [red]{finding.subject}:[/] {difference}", highlight=False)
    console.print()


def show_next_steps(console: Console) -> None:
    """Print what to try next."""
    console.print("\n[bold]What to try next[/]")
    table = Table(box=None, show_header=False)
    for command, what in NEXT_STEPS.items():
        table.add_row(command, what)
    console.print(table)


def show_journey(console: Console, title: str, stages: Sequence[Stage]) -> None:
    """Print what happened to one record, each stage with the seconds since the first."""
    console.print(f"[bold]{title}[/]", highlight=False)
    table = Table(box=None, show_header=False)
    table.add_column("after", justify="right", style="dim", no_wrap=True)
    table.add_column("stage", style="cyan", no_wrap=True)
    table.add_column("what", overflow="fold")
    for stage in stages:
        table.add_row(f"{stage.at - stages[0].at:.2f} s", stage.name, stage.what)
    console.print(table)
    console.print()
