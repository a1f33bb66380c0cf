"""``python -m demo``: a workload with failures on the local runtime, its audit, its healing, its audit again."""

import sys

from demo.stopping import stop_on_signals
from isolation.environment import enter_isolation


def main() -> int:
    """Run the demo; return 0 only if every audit holds."""
    stop_on_signals()
    enter_isolation()
    # Imported late: it takes a second, in which Ctrl-C is answered already, and botocore reads the environment.
    from demo.run import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
