"""Cold starts: each function's import and first event, beside a module that only makes the clients that it needs."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.consumers import stub
from bench.figures import Figure, Report, milliseconds
from bench.servers import ROOT
from consumers.events import sample_events
from isolation.environment import IMPORT_PATH, REGION, environment

START = Path(__file__).with_name("start.py")
SETTING = re.compile(r'environ\["(\w+)"\]')
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "REPLICA_REGION": REGION,
    "POWERTOOLS_METRICS_NAMESPACE": "Bench",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "TASKS_TABLE": "changestream-TasksTable",
    # of recovery's functions (changestream.recovery.settings)
    "CONSUMERS": "arn:aws:lambda:eu-west-1:123456789012:function:changestream-*",
    "CONSUMER_SECONDS": "60",
    "PARKED_RECORDS_BUCKET": "parked",
}

Environment = dict[str, str]


def measure(report: Report, runs: int) -> None:
    """The two in turn, each time in a new interpreter."""
    figures = []
    with stub(0) as url:
        for function, event in first_events():
            report.doing(f"cold starts of {function}, {runs} times")
            environment = of_function(function, url)
            services = started(environment, str(event))["services"]
            started(environment, "clients", *services)  # from here on byte code and files are where they are
            ours, bare = [], []
            for _ in range(runs):
                ours.append(started(environment, str(event))["seconds"])
                bare.append(started(environment, "clients", *services)["seconds"])
            made = f"boto3, {len(services)} {'client' if len(services) == 1 else 'clients'}"
            figures.append(Figure(function, ours, milliseconds, bare, made, "at most 1.3"))
    report.part("Cold start: computing time of import and first event", figures)


def first_events() -> Iterator[tuple[str, Path]]:
    """Each function with the first of its events that it applies."""
    samples = sample_events(ROOT)
    for path in sorted((ROOT / "functions").glob("*/app.py")):
        logical_id = "".join(word.title() for word in path.parent.name.split("_")) + "Function"
        for sample in samples:
            if (sample.function, sample.expect) == (logical_id, "success"):
                yield path.parent.name, sample.path
                break


def of_function(function: str, url: str) -> Environment:
    """What a function reads from its environment: a URL where the name says so, else what can be name and number."""
    folder = ROOT / "functions" / function
    names = {name for path in folder.glob("*.py") for name in SETTING.findall(path.read_text())}
    values = {name: url if name.endswith(("URL", "ENDPOINT")) else "450" for name in names}
    path = os.pathsep.join([str(folder), IMPORT_PATH])
    return environment(**(values | SETTINGS), PYTHONPATH=path, AWS_ENDPOINT_URL=url)


def started(environment: Environment, *arguments: str) -> Any:
    """Start an interpreter and return what it tells."""
    command = [sys.executable, str(START), *arguments]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    return json.loads(answer.stdout)
