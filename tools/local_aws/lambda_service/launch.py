"""Runs AWS's runtime interface client in a worker process that cannot outlive the endpoint.

Started by path, in the worker: `python launch.py HANDLER`, with the function's own folder as working directory.
Imports nothing of the endpoint: here only the function and what it was given may be found.
"""

import os
import runpy
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9


def end_with(parent: int) -> None:
    """Ask Linux to kill this process when `parent` ends, however it ends.

    Elsewhere an idle worker ends when its Runtime API is gone, a busy one when it has its answer.
    """
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


if __name__ == "__main__":
    end_with(int(sys.argv.pop(2)))
    sys.path[0] = os.getcwd()  # as `python -m` has it, in place of this file's folder
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
