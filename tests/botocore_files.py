"""botocore reads its models of services from files. Each test process reads a file once, for all its sessions."""

from functools import cache
from typing import Any

from botocore import parsers, session


def read_once() -> None:
    """Let all sessions share one loader, and keep parsed timestamps: most resources of a stack share a second."""
    module: Any = session
    module.create_loader = cache(module.create_loader)
    parsers.DEFAULT_TIMESTAMP_PARSER = cache(parsers.DEFAULT_TIMESTAMP_PARSER)
