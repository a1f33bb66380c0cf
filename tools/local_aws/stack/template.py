"""Read template files so that functions run where their code lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sam_templates.document import Document, read
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded

from .resources import LOCAL_BUCKET

_CODE_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}
_UNBUILT_IMAGE = "unbuilt:latest"
_PLACES = (("Bucket", "Key"), ("S3Bucket", "S3Key"))


def read_template(path: Path, parameters: Mapping[str, str] | None = None) -> Document:
    """Return the document of a template file, loops expanded and local code paths made absolute.

    Raise `TemplateError` for a file that is not a template, or code that does not exist.
    """
    template = expanded(read(path), parameters)
    _point_to_local_code(template, path.resolve().parent)
    _name_unbuilt_images(template)
    return template


def local_folders(template: Any) -> set[str]:
    """Return the folders of this machine that a template read by `read_template` names as code."""
    if isinstance(template, dict):
        here = {str(template[key]) for bucket, key in _PLACES if template.get(bucket) == LOCAL_BUCKET}
        return here.union(*(local_folders(each) for each in template.values()))
    return set().union(*(local_folders(each) for each in template)) if isinstance(template, list) else set()


def _point_to_local_code(template: Document, folder: Path) -> None:
    function = (template.get("Globals") or {}).get("Function") or {}
    if isinstance(function.get("CodeUri"), str):
        function["CodeUri"] = _located(function["CodeUri"], folder)
    for resource in template["Resources"].values():
        name = _CODE_PROPERTIES.get(resource.get("Type", ""))
        properties = resource.get("Properties") or {}
        if name is not None and isinstance(properties.get(name), str):
            located = _located(properties[name], folder)
            if not resource["Type"].startswith("AWS::Serverless") and isinstance(located, dict):
                located = {"S3Bucket": located["Bucket"], "S3Key": located["Key"]}
            properties[name] = located


def _name_unbuilt_images(template: Document) -> None:
    """Name an image where `sam build` would: images do not run here, and SAM refuses a function without one."""
    usual = ((template.get("Globals") or {}).get("Function") or {}).get("PackageType")
    for resource in template["Resources"].values():
        properties = resource.get("Properties") or {}
        if resource.get("Type") == "AWS::Serverless::Function" and properties.get("PackageType", usual) == "Image":
            properties.setdefault("ImageUri", _UNBUILT_IMAGE)


def _located(uri: str, folder: Path) -> str | dict[str, str]:
    if "://" in uri:
        return uri
    path = (folder / uri).resolve()
    if not path.exists():
        raise TemplateError(f"there is no code at {path}")
    return {"Bucket": LOCAL_BUCKET, "Key": str(path)}
