"""The stack that a command is about: what CloudFormation says of it, and clients of its account and region."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from streamctl.calls import Calls
from streamctl.credentials import require_credentials
from streamctl.exits import Exit, Trouble

LOCAL_REGION = "eu-west-1"
LOCAL_CREDENTIALS = "local"
"""The local endpoint asks for a signature and checks none."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the options say that the stack is; ``endpoint`` is ``None`` for AWS."""

    stack: str
    region: str | None = None
    profile: str | None = None
    endpoint: str | None = None

    def session(self) -> boto3.Session:
        """Return the session that the options describe."""
        if self.endpoint is None:
            return boto3.Session(profile_name=self.profile, region_name=self.region)
        return boto3.Session(LOCAL_CREDENTIALS, LOCAL_CREDENTIALS, region_name=self.region or LOCAL_REGION)

    def calls(self, *, may_write: bool) -> Calls:
        """Return clients of where the stack is."""
        if self.endpoint is None:
            session = self.session()
            require_credentials(session)
            return Calls(session, None, may_write=may_write)
        return local_calls(self.region or LOCAL_REGION, self.endpoint, may_write)


@cache
def local_calls(region: str, endpoint: str, may_write: bool) -> Calls:
    """Return the one of its kind: there are no credentials to look up anew, and clients take long to make."""
    session = boto3.Session(LOCAL_CREDENTIALS, LOCAL_CREDENTIALS, region_name=region)
    return Calls(session, endpoint, may_write=may_write)


class Stack:
    """Everything is looked up when it is first asked for, and once.

    With ``of_application`` the first look-up raises ``Trouble`` for a stack of recovery/template.yaml.
    """

    def __init__(self, target: Target, *, may_write: bool = False, of_application: bool = False) -> None:
        self.target = target
        self._may_write = may_write
        self._of_application = of_application

    def fresh(self) -> "Stack":
        """Return the same stack, to be looked at anew with the same clients."""
        again = Stack(self.target, may_write=self._may_write, of_application=self._of_application)
        again.__dict__["_calls"] = self._calls
        return again

    @property
    def name(self) -> str:
        return self.target.stack

    @cached_property
    def region(self) -> str:
        """The region it is in."""
        return str(self.client("cloudformation").meta.region_name)

    @cached_property
    def _calls(self) -> Calls:
        return self.target.calls(may_write=self._may_write)

    def client(self, service: str, region: str | None = None, read_timeout_seconds: int = 20) -> Any:
        """Return the boto3 client of a service; one that writes only after ``--apply`` (see ``Calls``)."""
        return self._calls.client(service, region, read_timeout_seconds)

    @cached_property
    def _described(self) -> dict[str, Any]:
        try:
            described = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            # The one error of DescribeStacks for a name that has a stack's form (API reference, DescribeStacks).
            code = error.response.get("Error", {}).get("Code")
            if self.target.endpoint and str(code).isdecimal():  # an HTTP status: there is no error of AWS's in the body
                raise self._not_aws() from error
            if code != "ValidationError":
                raise
            raise self._missing() from error
        except (ResponseParserError, LookupError, TypeError) as error:
            raise self._not_aws() from error
        found: dict[str, Any] = described
        if self._of_application and _is_recovery_alone(_parameters(found)):
            raise Trouble(
                Exit.MISSING, f"this command needs the stack of Changestream's template, and {self.name} is recovery's"
            )
        return found

    @cached_property
    def status(self) -> str:
        """Where CloudFormation has it, for example ``UPDATE_COMPLETE``."""
        return str(self._described["StackStatus"])

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """Its outputs. Raises ``Trouble`` if there is no such stack."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described.get("Outputs", ())}

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """What it was deployed with."""
        return _parameters(self._described)

    @property
    def is_recovery_alone(self) -> bool:
        """Whether it is a stack of recovery/template.yaml: its functions and streams are in other stacks."""
        return _is_recovery_alone(self.parameters)

    def output(self, name: str) -> str:
        """Return an output. Raises ``Trouble`` where the stack has none such: it is another one, or of another age."""
        if name not in self.outputs:
            raise Trouble(
                Exit.MISSING,
                f"the stack {self.name} ({self.status}) has no output {name}",
                "It is of another template, or of an older one: deploy it again, or give another with --stack.",
            )
        return self.outputs[name]

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The physical ids of its resources by logical id."""
        return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in self._summaries}

    @cached_property
    def functions(self) -> Mapping[str, str]:
        """What the template calls each of its functions, ``CountTasks``, by the function's physical name.

        Physical names do not say it: they are cut where the name of the stack is long.
        """
        return {
            each["PhysicalResourceId"]: each["LogicalResourceId"].removesuffix("Function")
            for each in self._summaries
            if each["ResourceType"] == "AWS::Lambda::Function" and each.get("PhysicalResourceId")
        }

    @cached_property
    def event_source_mappings(self) -> list[dict[str, Any]]:
        """All mappings of its account and region, over all pages. Those of recovery alone belong to other stacks."""
        pages = self.client("lambda").get_paginator("list_event_source_mappings").paginate()
        return [each for page in pages for each in page["EventSourceMappings"]]

    @cached_property
    def _summaries(self) -> list[dict[str, Any]]:
        """The summaries of its resources, over all pages. Raises ``Trouble`` if there is no such stack."""
        require_described = self._described
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        listed = pages.paginate(StackName=require_described["StackName"])
        return [each for page in listed for each in page["StackResourceSummaries"]]

    def _not_aws(self) -> Trouble:
        where = self.target.endpoint or f"CloudFormation in {self.region}"
        return Trouble(
            Exit.SETUP,
            f"{where} does not answer as AWS does",
            "Something else listens there. Check the port, or start the stack with: make local",
        )

    def _missing(self) -> Trouble:
        where = self.target.endpoint or f"region {self.region}"
        return Trouble(
            Exit.MISSING,
            f"there is no stack {self.name} in {where}",
            "Give its name with --stack, its place with --region and --profile, or --local for make local.",
        )


def _parameters(described: Mapping[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", ())}


def _is_recovery_alone(parameters: Mapping[str, str]) -> bool:
    """Tell a stack of recovery/template.yaml by the two parameters that only this template has."""
    return {"FunctionArns", "StreamArns"} <= parameters.keys()
