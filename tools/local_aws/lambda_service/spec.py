"""Everything a worker process of one function version is started with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.calls import session_token
from local_aws.lambda_service.runtimes import CannotRun, FunctionFiles, Program, program_of

_XRAY_DAEMON = "127.0.0.1:2000"


@dataclass(frozen=True, slots=True)
class WorkerAccount:
    """What every worker of one endpoint is told about the account it believes to run in."""

    account_id: str
    region: str
    endpoint_url: str
    home: Path  # stands in for the home directory, so that no one's AWS profile is read


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """One function version: its configuration as the API shows it, and where its code and layers lie here."""

    configuration: Mapping[str, Any]
    code: Path
    layers: tuple[Path, ...]  # the folder of each layer's content
    read_only: bool  # the code is someone's source tree: write nothing into it

    @property
    def function_name(self) -> str:
        return str(self.configuration["FunctionName"])

    @property
    def version(self) -> str:
        return str(self.configuration["Version"])

    @property
    def timeout(self) -> float:
        return float(self.configuration["Timeout"])

    @property
    def memory_mb(self) -> int:
        return int(self.configuration["MemorySize"])

    @property
    def logging(self) -> Mapping[str, str]:
        return dict(self.configuration["LoggingConfig"])

    @property
    def log_stream(self) -> str:
        return f"local/{self.function_name}/[{self.version}]"

    def program(self) -> Program:
        """Return what runs the function. Raise `CannotRun` if nothing on this machine can."""
        runtime, handler = str(self.configuration.get("Runtime", "")), str(self.configuration.get("Handler", ""))
        return program_of(FunctionFiles(runtime, handler, self.code, self.layers, self.read_only, self._own()))

    def notice(self) -> str | None:
        """Return what an engineer should know before an invocation: why it will fail, or what differs from AWS."""
        try:
            return self.program().notice
        except CannotRun as reason:
            return str(reason)

    def environment(self, program: Program, runtime_api: str, surroundings: WorkerAccount) -> dict[str, str]:
        """The worker's whole environment: what Lambda defines, what the function's configuration adds, and
        where AWS is to be found; nothing of the endpoint's own.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        own = self._own()
        reserved = self._reserved(runtime_api, surroundings)
        return reserved | dict(program.variables) | own | self._reached(surroundings, own)

    def _own(self) -> dict[str, str]:
        return dict(self.configuration.get("Environment", {}).get("Variables", {}))

    def _reserved(self, runtime_api: str, surroundings: WorkerAccount) -> dict[str, str]:
        logging = self.logging
        variables = {
            "_HANDLER": str(self.configuration.get("Handler", "")),
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.configuration['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": self.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": logging["LogGroup"],
            "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream,
            "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": _XRAY_DAEMON,
            "LAMBDA_TASK_ROOT": str(self.code),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(surroundings.home),
        }
        if "ApplicationLogLevel" in logging:
            variables["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
        return variables

    def _reached(self, surroundings: WorkerAccount, own: Mapping[str, str]) -> dict[str, str]:
        """Return what sends every call of an AWS SDK to this machine, whatever the function's configuration says.

        https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
        """
        region = surroundings.region
        found = {
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": surroundings.account_id,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": session_token(self.function_name),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "NO_PROXY": "*",  # on macOS Python asks the system for proxies
            "no_proxy": "*",
        }
        # The parsers of URLs do not agree on the host of every URL, so none of the function's own URLs is kept.
        endpoints = [name for name in own if name.startswith("AWS_ENDPOINT_URL")]
        return found | dict.fromkeys(["AWS_ENDPOINT_URL", *endpoints], surroundings.endpoint_url)
