"""`python -m recovery_template`: writes recovery/template.yaml."""

import sys
from pathlib import Path

from recovery_template.derivation import derived
from recovery_template.errors import NotDerivable

ROOT = Path(__file__).parents[2]
SOURCE, TARGET = ROOT / "template.yaml", ROOT / "recovery" / "template.yaml"


def main() -> int:
    """Write the file and return 0; return 2 without a change where it cannot be derived."""
    try:
        text = derived(SOURCE.read_text())
    except NotDerivable as error:
        where = "Change tools/recovery_template/template.yaml.jinja, which says what recovery/template.yaml takes."
        print(f"make recovery: {error}\n{where} Nothing was written.", file=sys.stderr)
        return 2
    changed = not TARGET.exists() or TARGET.read_text() != text
    TARGET.write_text(text)
    print(f"recovery/template.yaml {'is written' if changed else 'is current'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
