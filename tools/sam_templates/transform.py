"""Apply a template's transforms as CloudFormation does: AWS::LanguageExtensions first, then SAM's.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator

from sam_templates.document import Document
from sam_templates.errors import TemplateError
from sam_templates.language_extensions import expanded, transforms

SERVERLESS = "AWS::Serverless-2016-10-31"
_APPLICATION = "AWS::Serverless::Application"


def transformed(document: Document, parameters: Mapping[str, Any], region: str = "us-east-1") -> Document:
    """Return a new document as CloudFormation deploys it. Raise `TemplateError` with the transform's reasons.

    Nothing is looked up over the network: an application of the Serverless Application Repository is refused.
    """
    document = expanded(copy.deepcopy(document), parameters)
    if SERVERLESS not in transforms(document):
        return document
    _refuse_repository_applications(document)
    try:
        translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
        result: Document = translator.translate(document, dict(parameters))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes) or error.message
        raise TemplateError(f"the SAM transform refuses the template: {' '.join(causes.split())}") from None
    return result


def _refuse_repository_applications(document: Document) -> None:
    for name, resource in document["Resources"].items():
        if isinstance(resource, dict) and resource.get("Type") == _APPLICATION:
            location = (resource.get("Properties") or {}).get("Location")
            if not isinstance(location, str):
                raise TemplateError(
                    f"{name} is an application of the Serverless Application Repository, which is not looked up here"
                )
