"""What the records of a table's stream carry beside keys, and which consumers can work with that."""

from collections.abc import Set
from enum import StrEnum

from changestream.core.errors import UnsuitableStream


class ViewType(StrEnum):
    """The images of a changed item that its record has (DynamoDB API, ``StreamViewType``)."""

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


WITH_NEW_IMAGES = frozenset({ViewType.NEW_IMAGE, ViewType.NEW_AND_OLD_IMAGES})
WITH_OLD_IMAGES = frozenset({ViewType.OLD_IMAGE, ViewType.NEW_AND_OLD_IMAGES})


def require(found: str, suitable: Set[ViewType]) -> None:
    """Raise ``UnsuitableStream`` unless a consumer that works with the ``suitable`` view types works with this one."""
    if found not in suitable:
        raise UnsuitableStream(
            f"the stream's view type is {found}, and this function needs {' or '.join(sorted(suitable))}: nothing of "
            "the batch is applied. A stream keeps its view type for life; give the table a new stream with one of "
            "those, and map the function to it"
        )
