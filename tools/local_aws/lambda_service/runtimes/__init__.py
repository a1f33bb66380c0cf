"""The languages of functions: the program that a worker process runs for each, and what it finds around it."""

from local_aws.lambda_service.runtimes.program import CannotRun, FunctionFiles, Program
from local_aws.lambda_service.runtimes.selection import program_of, refuse_unknown

__all__ = ["CannotRun", "FunctionFiles", "Program", "program_of", "refuse_unknown"]
