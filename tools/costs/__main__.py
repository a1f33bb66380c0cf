"""``python -m costs``: draws the plots and writes the tables of docs/cost.md anew."""

import sys
from pathlib import Path

from costs.plots import PLOTS
from costs.tables import TABLES, with_tables

DOCS = Path(__file__).parents[2] / "docs"
USAGE = f"usage: python -m costs plot | docs | {' | '.join(TABLES)}"


def main(arguments: list[str]) -> int:
    """Do what the one argument says: draw, write the page's tables, or print one of them."""
    match arguments:
        case ["plot"]:
            for name, drawn in PLOTS.items():
                (DOCS / "plots" / f"{name}.svg").write_text(drawn())
        case ["docs"]:
            page = DOCS / "cost.md"
            page.write_text(with_tables(page.read_text()))
        case [name] if name in TABLES:
            print(TABLES[name]())
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
