"""The options that a replay and a backfill have in common."""

from pathlib import Path
from typing import Annotated

from typer import Option

RATE = Annotated[float, Option(min=0.1, metavar="N", help="Records a second at most, evenly.")]
RECEIPT = Annotated[
    Path | None, Option(metavar="FILE", help="The receipt to write, which is the progress, too. [a new file here]")
]
RESUME = Annotated[
    Path | None, Option(metavar="FILE", help="Go on with the run of a receipt: what it knows as applied is left out.")
]
MOST_FAILURES = Annotated[int, Option(min=1, metavar="N", help="Stop after so many records that were not applied.")]
SEGMENTS = Annotated[int, Option(min=1, max=64, metavar="N", help="The table is read in so many segments at once.")]
