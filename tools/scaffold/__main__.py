"""`python -m scaffold`: writes the files of a new consumer and prints the next steps."""

import argparse
import logging
import sys
from pathlib import Path

from sam_templates.errors import TemplateError
from scaffold.consumer import EDITED, TEMPLATE, files, require_room
from scaffold.errors import RefusedRequest
from scaffold.request import EXAMPLE, requested
from scaffold.tree import require_clean, write

ROOT = Path(__file__).parents[2]

NEXT_STEPS = """
Next steps:
  make lint                                  checks style, types and the template
  make test TESTS="tests/functions/{name} tests/contracts"
                                             runs its own tests, and the contract suite on every consumer
  make simulate SEEDS=20                     plays it in virtual time with faults
  make demo                                  deploys it on this machine, and audits its view
Then write your rule into functions/{name}/app.py, and what the view must show into
tests/contracts/consumers/{name}.py."""


def main() -> int:
    """Write the files and return 0; return 2 without a change if the request cannot be carried out."""
    asked = _arguments()
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of metrics that nobody asked for
    try:
        request = requested(asked.name, asked.kind, asked.feed)
        require_clean(asked.root, list(EDITED))
        contents = files(asked.root, request)
        require_room((asked.root / TEMPLATE).read_text(), contents[TEMPLATE])
        write(asked.root, contents)
    except (RefusedRequest, TemplateError, OSError) as error:
        print(f"make consumer: {error}\nNothing was written.", file=sys.stderr)
        return 2
    for path in contents:
        print(f"{'edited' if path in EDITED else 'new':8}{path}")
    print(NEXT_STEPS.format(name=request.name))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scaffold", description=__doc__, epilog=f"Example: {EXAMPLE}")
    parser.add_argument("--name", default="", help="the name of its folder, in snake_case")
    parser.add_argument("--kind", default="", help="newest, rows, tally, effect or window")
    parser.add_argument("--feed", default="", help="changes (ChangeStream) or table (TasksTable's stream)")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of the project")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
