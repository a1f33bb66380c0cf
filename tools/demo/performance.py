"""The demo from its curtain to its end, in the order in which a person sees it."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic, time

from rich.live import Live

from demo import journey, ledger, parked, rest, screen, truth, workload, writers
from demo.announcements_audit import Subscriber, audit_announcements, audit_brought_back
from demo.api_audit import audit_api
from demo.api_calls import ApiCalls
from demo.api_client import ApiClient
from demo.archive_audit import audit_archive, audit_failed_batches
from demo.audit import Finding, audit_counts, audit_emptiness, audit_history, audit_parked, audit_replica, audit_table
from demo.chaos import Killer
from demo.chronicle import Chronicle
from demo.journey import Stage
from demo.licences_audit import audit_licences, audit_parked_licences
from demo.measures_audit import audit_measures
from demo.outages import Outages
from demo.parked import ParkedPayload
from demo.permissions_audit import audit_permissions
from demo.runtime import ServedStack
from demo.search_audit import audit_index
from demo.views_audit import audit_views
from domain.tasks import Item, Key
from terminal.console import Console
from terminal.text import Text

LEAST_LICENCES = 40

PER_CHANGE = ("RecordHistory", "MeasureChanges")
"""Consumers that keep something of every change: a malformed one stays parked, however its task is rewritten."""

ALL_OF_TASKS = ("CountTasks", "IndexTasks", "ReplicateTasks", "AnnounceChanges", *PER_CHANGE)


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
        with self._console.status("comparing every view with the table"):
            findings, left = self._audit("While the malformed items are as they were written", self._workload.malformed)
        if left:
            chosen = journey.most_travelled(self._chronicle, [one for one in left if not self._is_of_ledger(one)])
            stages = [*journey.tell(self._chronicle, chosen), *self._heal(chosen)]
            screen.show_journey(self._console, journey.title(chosen), stages)
        with self._console.status("comparing every view with the table again"):
            again, _ = self._audit("After they were rewritten properly and delivered again", {})
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

    def _put(self, revisions: Sequence[ledger.DocumentRevision]) -> None:
        stream = self._stack.outputs["LedgerStreamName"]
        ledger.put(self._stack.client("kinesis"), stream, revisions, self._options.seed)

    def _is_of_ledger(self, one: ParkedPayload) -> bool:
        return one.function == self._stack.outputs["ProjectLicencesFunctionName"]

    def _say(self, what: str) -> None:
        self._screen.doing = what

    def _audit(self, title: str, malformed: dict[Key, Item]) -> tuple[list[Finding], list[ParkedPayload]]:
        """Compare every view with the table; ``malformed`` holds the items that are malformed in the table now."""
        facts = truth.read(self._stack)
        images_of_key = self._workload.malformed
        images = list(images_of_key.values())
        left = parked.read_all(self._stack)
        messages = [f"{count} in {name}" for name, count in rest.messages_left(self._stack).items() if count]
        of_ledger = [one for one in left if self._is_of_ledger(one)]
        of_tasks = [one for one in left if not self._is_of_ledger(one)]
        in_lot = [
            audit_parked(of_tasks, self._expected_parked(ALL_OF_TASKS if malformed else PER_CHANGE), images_of_key),
            audit_parked_licences(of_ledger, self._ledger.malformed)
            if malformed
            else audit_emptiness("ParkedRecordsBucket, of the ledger", 1, [one.key for one in of_ledger]),
        ]
        marred = self._workload.malformed if malformed else self._workload.healed
        findings = [
            audit_table(facts.beside(self._api_calls.left), self._workload.left | marred),
            audit_api(self._api, self._api_calls, facts),
            audit_counts(self._stack, facts, lambda image: image in images),
            audit_archive(self._stack, facts, self._workload.left_to_expire()),
            audit_failed_batches(self._stack, facts),
            audit_history(self._stack, facts, lambda image: image in images),
            audit_index(self._stack, facts, lambda image: image in images),
            audit_replica(self._stack, facts, lambda image: image in images),
            audit_measures(self._stack, facts, lambda image: image in images),
            audit_announcements(self._subscriber, facts, lambda image: image in images),
            audit_brought_back(self._chronicle, self._stack.outputs["AnnounceChangesFunctionName"], left),
            audit_licences(self._stack, self._ledger.newest() if malformed else self._ledger.healed()),
            *in_lot,
            audit_emptiness("queues", len(rest.QUEUES), messages),
            audit_permissions(self._stack),
            *audit_views(self._stack, left),
        ]
        screen.show_findings(self._console, title, findings)
        return findings, left

    def _expected_parked(self, consumers: Sequence[str]) -> set[tuple[str, Key]]:
        """Return for which functions every malformed change is parked."""
        functions = [self._stack.outputs[f"{name}FunctionName"] for name in consumers]
        return {(function, key) for function in functions for key in self._workload.malformed}

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
