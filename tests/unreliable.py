"""Sources whose calls fail now and then."""

from collections.abc import Iterator
from typing import Any


def make_unreliable(source: Any, name: str, errors: Iterator[Exception | None]) -> None:
    """Have each call of a method raise the next error; where this is ``None``, or none is left, it is carried out."""
    call = getattr(source, name)

    async def unreliable(*args: Any) -> Any:
        error = next(errors, None)
        if error is not None:
            raise error
        return await call(*args)

    setattr(source, name, unreliable)
