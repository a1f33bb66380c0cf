"""`python -m bench`: all parts, or those that are named."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import cold, command_line, consumers, engine, idle, kpl, latency, redrive, throughput
from bench.figures import Report
from bench.servers import find_ministack
from isolation.environment import enter_isolation

PARTS = ("engine", "endpoint", "idle", "latency", "consumers", "kpl", "cold", "streamctl", "redrive")


def main(arguments: list[str] | None = None, console: Console | None = None) -> int:
    """Run the parts asked for and print a table after each. There are no thresholds."""
    options = _parser().parse_args(arguments)
    enter_isolation()
    report = Report(console or Console())
    measures = _measures(options)
    for part in options.parts or PARTS:
        measures[part](report)
    return 0


def _measures(options: argparse.Namespace) -> dict[str, Callable[[Report], None]]:
    sizes = options.engine_records or ([10_000, 30_000] if options.quick else [10_000, 100_000, 1_000_000])
    records = options.records or (5_000 if options.quick else 20_000)
    runs = options.runs or (1 if options.quick else 3)
    seconds = options.idle_seconds or (3.0 if options.quick else 20.0)
    writes = options.writes or (5 if options.quick else 30)
    return {
        "engine": lambda report: engine.measure(report, sizes, runs, options.batch_size),
        "endpoint": lambda report: throughput.measure(
            report, _emulator(options, report), records, runs, options.batch_size
        ),
        "idle": lambda report: idle.measure(report, seconds, runs),
        "latency": lambda report: latency.measure(report, writes),
        "kpl": lambda report: kpl.measure(report, runs * 5),
        "cold": lambda report: cold.measure(report, 1 if options.quick else max(7, runs * 3)),
        "streamctl": lambda report: command_line.measure(report, 1 if options.quick else max(5, runs * 3)),
        "redrive": lambda report: redrive.measure(report, 50 if options.quick else 1_000, runs),
        "consumers": lambda report: consumers.measure(report, runs * 3),
    }


def _emulator(options: argparse.Namespace, report: Report) -> Path | None:
    """The interpreter that has ministack; None, and the report says so, where there is none."""
    if options.alone:
        return None
    python: Path | None = options.ministack or find_ministack()
    if python is None:
        report.note(
            "ministack is not installed, so nothing stands beside the local endpoint: "
            "run `make bench`, or `make .venv-emulator/ready` once (--alone: without it on purpose)."
        )
    return python


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all)", choices=[*PARTS, []])
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it works, and little more")
    parser.add_argument("--runs", type=int, metavar="N", help="of each measurement, in pairs (3)")
    parser.add_argument("--batch-size", type=int, default=100, metavar="N", help="BatchSize of the mappings (100)")
    parser.add_argument(
        "--engine-records", type=int, nargs="+", metavar="N", help="sizes for the engine (10000 100000 1000000)"
    )
    parser.add_argument("--records", type=int, metavar="N", help="through the endpoints (20000)")
    parser.add_argument("--idle-seconds", type=float, metavar="S", help="watched with and without mappings (20)")
    parser.add_argument("--writes", type=int, metavar="N", help="whose latency is taken (30)")
    parser.add_argument("--alone", action="store_true", help="without ministack to compare with")
    parser.add_argument("--ministack", type=Path, metavar="PYTHON", help="an interpreter that has ministack")
    return parser


if __name__ == "__main__":
    sys.exit(main())
