"""How the end of a worker process reads in Lambda's words."""

import signal

from local_aws.lambda_service.invocation import WorkerAnswer, failure

# Lambda's supervisor is written in Go, whose names for signals these are.
_SIGNALS = {
    signal.SIGHUP: "hangup",
    signal.SIGINT: "interrupt",
    signal.SIGQUIT: "quit",
    signal.SIGILL: "illegal instruction",
    signal.SIGTRAP: "trace/breakpoint trap",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGPIPE: "broken pipe",
    signal.SIGALRM: "alarm clock",
    signal.SIGTERM: "terminated",
}


def exit_reason(returncode: int) -> str:
    """The sentence for a return code as `subprocess` gives it: negative for a signal."""
    if returncode == 0:
        return "Runtime exited without providing a reason"
    if returncode > 0:
        return f"Runtime exited with error: exit status {returncode}"
    return f"Runtime exited with error: signal: {_SIGNALS.get(signal.Signals(-returncode), f'signal {-returncode}')}"


def exited(returncode: int, request_id: str) -> WorkerAnswer:
    """The answer to the invocation that was running when the process ended."""
    return failure("Runtime.ExitError", exit_reason(returncode), request_id)
