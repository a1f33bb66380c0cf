"""One cold start, in an interpreter of its own: `python start.py EVENT` or `python start.py clients SERVICE...`.

Prints the computing time of the import with the first event, and the services whose clients it made; or that of
importing boto3 and making these clients. Byte code is there: a layer is built with it.
"""

import io
import json
import sys
import time
from importlib import import_module


class StartContext:
    """The part of Lambda's context object that is used."""

    function_name = "bench"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:bench"
    aws_request_id = "bench"
    function_version = "$LATEST"
    memory_limit_in_mb = 512

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def of_clients(services: list[str]) -> float:
    began = time.process_time()
    import boto3

    for service in services:
        boto3.client(service)  # type: ignore[call-overload]
    return time.process_time() - began


def of_function(path: str) -> float:
    with open(path) as file:
        event = json.load(file)
    began = time.process_time()
    import_module("app").lambda_handler(event, StartContext())
    return time.process_time() - began


def services_made() -> list[str]:
    import gc

    from botocore.client import BaseClient

    return sorted({one.meta.service_model.service_name for one in gc.get_objects() if isinstance(one, BaseClient)})


if __name__ == "__main__":
    told, sys.stdout = sys.stdout, io.StringIO()
    what, *services = sys.argv[1:]
    seconds = of_clients(services) if what == "clients" else of_function(what)
    print(json.dumps({"seconds": seconds, "services": services_made()}), file=told)
