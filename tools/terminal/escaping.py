"""Foreign text as it may be printed; without rich, which takes long to import."""

from changestream.core.quoting import printable as escaped

__all__ = ["escaped"]
