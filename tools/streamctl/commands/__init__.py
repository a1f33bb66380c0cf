"""One module for each command. A module is imported when its command runs, so `--help` imports none of them."""

COMMANDS = {
    "status": "Show streams, mappings, queues and parked records in one screen.",
    "shards": (
        "Show the shards of the streams as a tree of parents and children, open and closed, "
        "with their sequence numbers."
    ),
    "tail": "Show the changes of a stream as they come, until Ctrl-C.",
    "failures": "Show the failed batches that wait, with the records that they point to. None of them is consumed.",
    "requeue": "Put dead letters back on the queue of failed batches, for recovery to begin anew with each.",
    "parked": "List what is parked, or show one object: its manifest, and what each of its records changed.",
    "redrive": "Have parked records delivered again at once, those that rest or wait for a person as well.",
    "discard": "Give parked records up: they are moved where no redrive looks, and kept with who did it, when and why.",
    "pause": "Disable the event source mappings of a function: its records wait in their source.",
    "resume": "Enable the event source mappings of a function: each continues where it stopped.",
    "replay": (
        "Deliver the revisions of an interval to one consumer, in order, as the events that it would have received."
    ),
    "backfill": "Deliver the table as it stands to one consumer, as insertions that every real change supersedes.",
    "explain": "Show what became of a change: how each view stands to it, and what of it is parked or waits.",
    "smoke": "Test a deployment: write one item, follow it through every view, and remove it.",
    "lint": "Look for ways in which the stream mappings of a template lose records, or stop for them.",
    "cost": "Show what a workload costs a month and per million changes, view by view.",
}
"""The first paragraph of each command's help, in the order in which `--help` lists them."""
