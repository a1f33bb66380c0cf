"""Writes what CloudFormation needs to import retained resources: ``python -m importing FOLDER TasksTable=NAME …``."""

import argparse
import json
import sys
from pathlib import Path

from importing.retained import NotImported, import_template, resources_to_import, retained
from mapping_lint.template import Template
from sam_templates.errors import TemplateError


def main() -> int:
    """Write ``template.json`` and ``resources.json`` into a folder; return 1 if there is nothing to import."""
    parser = argparse.ArgumentParser(prog="python -m importing", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write template.json and resources.json")
    parser.add_argument("resource", nargs="+", help="TasksTable=NAME_OF_THE_TABLE; of a queue, its URL")
    parser.add_argument("--template", type=Path, default=Path("template.yaml"), help="(template.yaml)")
    options = parser.parse_args()
    identifiers = dict(each.partition("=")[::2] for each in options.resource)
    try:
        written = Template.load(options.template).written
        template, resources = import_template(written, identifiers), resources_to_import(written, identifiers)
    except (NotImported, TemplateError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, document in (("template.json", template), ("resources.json", resources)):
        (options.folder / name).write_text(json.dumps(document, indent=2) + "\n")
    left = [name for name in retained(written) if name not in identifiers]
    print(f"{len(resources)} resources to import; not among them: {', '.join(left) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
