"""Write a template without loops and other language extensions: `python -m sam_templates template.yaml`.

For tools that read neither; parameters have their defaults.
"""

import json
import sys
from pathlib import Path

from sam_templates.document import read
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded


def main() -> int:
    """Print the expanded template that the only argument names, as JSON. Return the exit code."""
    if len(sys.argv) != 2:
        print("usage: python -m sam_templates TEMPLATE", file=sys.stderr)
        return 2
    try:
        print(json.dumps(expanded(read(Path(sys.argv[1]))), indent=1))
    except TemplateError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
