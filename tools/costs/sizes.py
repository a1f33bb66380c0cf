"""Sizes of what is written and sent, and the units that they are billed in."""

import math

from costs.workload import Workload

UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096

CAPTURE_BYTES = 440
IMAGE_JSON_BYTES = 100
"""Of a captured change: the frame with its keys, and what JSON adds to an image; held against the sample events."""

WATERMARK_BYTES = 36
"""The name, and the text of a position."""
REVISION_BYTES = 250
"""Of a row of the history or the archive, without its images: keys, ids, kind and times."""
MEMBERSHIP_BYTES = 130
ANNOUNCEMENT_BYTES = 150
MEASURE_BYTES = 400
OBSERVATION_BYTES = 20
LICENCE_BYTES = 300


def write_units(size: float) -> int:
    """Return the write units of an item of so many bytes; a transaction takes twice as many."""
    return max(1, math.ceil(size / UNIT_BYTES))


def read_units(size: float) -> int:
    """Return the units of a consistent read of an item; one that is not there takes one all the same."""
    return max(1, math.ceil(size / READ_UNIT_BYTES))


def captured_bytes(given: Workload, images: float) -> float:
    """Return the bytes of a change with so many images as it is captured."""
    return CAPTURE_BYTES + images * (given.item_bytes + IMAGE_JSON_BYTES)


def mean_captured_bytes(given: Workload) -> float:
    """Return those of an average change."""
    return captured_bytes(given, given.mix.images)


def billed_bytes_in(given: Workload) -> float:
    """Return what an average change is billed as where it enters a stream: each record in whole kilobytes."""
    both = given.mix.modifications
    one, two = (
        UNIT_BYTES * math.ceil((captured_bytes(given, images) + 32) / UNIT_BYTES)  # with its partition key
        for images in (1, 2)
    )
    return one * (1 - both) + two * both
