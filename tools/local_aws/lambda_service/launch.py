"""Runs AWS's runtime interface client in a worker process that cannot outlive the endpoint.

Started by path, in the worker: `python launch.py HANDLER PIPE`, with the function's own folder as working directory.
PIPE is the guardian's (`isolation.guardian_process`): it kills this process's group when the endpoint is gone.
Imports nothing of the endpoint: here only the function and what it was given may be found.
"""

import os
import runpy
import sys


def announce(pipe: int) -> None:
    """Tell the guardian of this process, before any code of the function runs."""
    os.write(pipe, b"+g %d\n" % os.getpid())
    os.close(pipe)


if __name__ == "__main__":
    announce(int(sys.argv.pop(2)))
    sys.path[0] = os.getcwd()  # as `python -m` has it, in place of this file's folder
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
