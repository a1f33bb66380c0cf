"""The demo from its curtain to its end, in the order in which a person sees it."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic, time

from rich.live import Live

from demo import journey, ledger, parked, rest, screen, workload, writers
from demo.announcements_audit import Subscriber
from demo.api_calls import ApiCalls
from demo.api_client import ApiClient
from demo.audit import Finding
from demo.audits import Audits
from demo.chaos import Killer
from demo.chronicle import Chronicle
from demo.journey import Stage
from demo.outages import Outages
from demo.runtime import ServedStack
from domain.licences import Revision
from terminal.console import Console
from terminal.text import Text
from verification.parked import ParkedPayload

LEAST_LICENCES = 40


class Performance:
    """One run against a stack that is up and empty."""

    def __init__(self, stack: ServedStack, console: Console, options: argparse.Namespace) -> None:
        self._stack = stack
        self._console = console
        self._options = options
        self._workload = workload.draw(options.seed, options.writes, options.lists, options.malformed)
        self._ledger = ledger.draw(options.seed, max(LEAST_LICENCES, options.writes // 10))
        self._subscriber = Subscriber(stack)
        self._api = ApiClient(stack)
        self._api_calls = ApiCalls()
        self._chronicle = Chronicle(stack)
        self._outages = Outages(stack, self._chronicle, options.outage_seconds)
        self._audits = Audits(
            stack, self._workload, self._ledger, self._api, self._api_calls, self._subscriber, self._chronicle
        )
        functions = {one.function.removesuffix("Function"): stack.resources[one.function] for one in stack.consumers}
        self._screen = screen.ProgressScreen(console, self._chronicle, options.writes, functions)

    def run(self) -> int:
        """Play, audit, heal, audit again. Return 0 only if every audit holds."""
        with self._chronicle, self._subscriber:
            return self._run()

    def _run(self) -> int:
        started = monotonic()
        self._introduce()
        self._play()
        findings, left = self._audit("While the malformed items are as they were written", is_healed=False)
        if left:
            of_tasks = [one for one in left if not self._audits.is_of_ledger(one)]
            chosen = journey.most_travelled(self._chronicle, of_tasks)
            stages = [*journey.tell(self._chronicle, chosen), *self._heal(chosen)]
            screen.show_journey(self._console, journey.title(chosen), stages)
        again, _ = self._audit("After they were rewritten properly and delivered again", is_healed=True)
        held = bool(left) and all(finding.holds for finding in [*findings, *again])
        verdict = ("Every audit holds.", "bold green") if held else ("An audit does not hold.", "bold red")
        done = f" {self._options.writes} writes in {monotonic() - started:.0f} s."
        self._console.print(Text.assemble(verdict, done))
        return 0 if held else 1

    def _introduce(self) -> None:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self._workload.kinds().most_common())
        self._console.print(f"Up at {self._stack.url}; to come: {kinds};")
        self._console.print(
            f"beside them {len(self._ledger.revisions)} revisions of licences, aggregated, repeated and out of order, "
            f"{len(self._ledger.malformed)} of them malformed.",
        )
        self._console.print(
            f"On the way, {self._outages}, and the capture into ChangeStream repeats 5 % of the changes and reorders "
            "5 %.",
        )
        self._console.print()

    def _play(self) -> None:
        """Write everything while the mappings, the outage and, if asked for, the killer are at work."""
        killer = None
        with ExitStack() as ending, Live(self._screen, console=self._console, refresh_per_second=5):
            if self._options.kill_workers:
                killer = Killer(self._stack, self._options.kill_workers, self._options.seed)
                ending.callback(killer.stop)
            self._outages.start()
            self._say("writing")
            table = self._stack.outputs["TasksTableName"]
            half = len(self._ledger.revisions) // 2
            calls = ending.enter_context(ThreadPoolExecutor(1)).submit(self._api_calls.play, self._api)
            self._put(self._ledger.revisions[:half])
            writers.play(self._stack.client("dynamodb"), table, self._workload, lambda _: self._screen.wrote())
            self._put(self._ledger.revisions[half:])
            calls.result()
            while killer and not killer.done():
                rest.wait_until_quiet(self._stack, self._say, looks=1)
            rest.wait_until_quiet(self._stack, self._say)
            self._chronicle.catch_up()
        self._console.print()
        self._console.print(f"Through the API: {self._api_calls.told()}.")
        self._console.print()
        if killer:
            self._console.print(f"Killed on the way: {killer}.", soft_wrap=True)
            self._console.print()

    def _put(self, revisions: Sequence[Revision]) -> None:
        stream = self._stack.outputs["LedgerStreamName"]
        ledger.put(self._stack.client("kinesis"), stream, revisions, self._options.seed)

    def _say(self, what: str) -> None:
        self._screen.doing = what

    def _audit(self, title: str, *, is_healed: bool) -> tuple[list[Finding], list[ParkedPayload]]:
        """Compare every view with the table; return also what is parked."""
        with self._console.status("comparing every view with the table"):
            left = parked.read_all(self._stack)
            findings = self._audits.findings(left, is_healed=is_healed)
        screen.show_findings(self._console, title, findings)
        return findings, left

    def _heal(self, chosen: ParkedPayload) -> list[Stage]:
        """Rewrite the malformed items, redrive what is parked; return the stages of the chosen one."""
        rewritten_at = time()
        self._console.print("Rewriting the malformed items, then redriving the parked records …")
        with self._console.status("rewriting the malformed items") as status:
            client, table = self._stack.client("dynamodb"), self._stack.outputs["TasksTableName"]
            writers.heal(client, table, self._workload.healed)
            self._put(self._ledger.healing())
            rest.wait_until_quiet(self._stack, status.update)
            status.update("redriving the parked records")
            kept = parked.redrive(self._stack)["kept"]
        done = "superseded by the newer change; the parked object is removed"
        return [
            Stage(rewritten_at, "rewritten", "its task, properly, by a newer change"),
            Stage(time(), "redriven", f"not yet: {kept[chosen.key]}" if chosen.key in kept else done),
        ]
