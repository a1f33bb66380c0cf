"""``streamctl``, or ``python -m streamctl``."""

from streamctl import commands as commands  # registers them
from streamctl.command import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command that the arguments name."""
    app(prog_name="streamctl")


if __name__ == "__main__":
    main()
