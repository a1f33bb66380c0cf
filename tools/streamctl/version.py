"""The version of streamctl, which is the project's."""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
"""Of the checkout, or of what the wheel holds of it."""


def version() -> str:
    """Return the version that the project has, ``0.1.0``."""
    return str(tomllib.loads(PROJECT.read_text())["project"]["version"])
