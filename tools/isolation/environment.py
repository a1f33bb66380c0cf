"""The environment variables of every local run: none of the developer's AWS settings, proxies or Python options.

Variables are kept by name, so that a setting nobody thought of is dropped too. The AWS SDKs read many:
https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1]
IMPORT_PATH = os.pathsep.join(str(folder) for folder in (TOOLS, TOOLS.parent / "layers" / "changestream"))
"""PYTHONPATH for a child that imports the tools or the layer."""

REGION = "eu-west-1"
"""Region of every local run, unless an option names another one."""

_KEPT = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "TMPDIR", "TMP", "TEMP"),
        *("LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "CI"),
        *("TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
        *("PYTHONHASHSEED", "PYTHONUNBUFFERED", "FUZZ_EXAMPLES"),
    }
)
_KEPT_PREFIXES = ("LC_", "PYTEST_", "HYPOTHESIS_", "COVERAGE_", "COV_CORE_")

_REGISTRY = frozenset({"HOME", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"})
_REGISTRY_PREFIXES = ("PIP_", "XDG_")
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})

_NO_SETTINGS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,  # botocore still reads the files of its predecessor
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAM_CLI_TELEMETRY": "0",
}
_NO_PROXIES = {"NO_PROXY": "*", "no_proxy": "*"}
"""Removing the variables would not do: on macOS Python then asks the system for proxies."""

_NO_HOME = {"HOME": os.devnull}
"""No .netrc, .boto, .aws/models, and no cache of single sign-on."""


def environment(**variables: str) -> dict[str, str]:
    """Return the environment for a child process, with ``variables`` added."""
    return _isolated(os.environ) | variables


def registry_environment() -> dict[str, str]:
    """Return the environment for a tool that installs packages: it also has the home directory, pip's settings, and
    the proxies."""
    settings = {name: value for name, value in os.environ.items() if _is_for_registries(name)}
    without_proxies = {name: value for name, value in environment().items() if name.upper() not in _PROXIES}
    return without_proxies | settings


def enter_isolation() -> None:
    """Replace this process's environment. Call it before anything imports botocore."""
    isolated = _isolated(os.environ)
    for name in os.environ.keys() - isolated.keys():
        del os.environ[name]
    os.environ.update(isolated)


@contextmanager
def without_aws_settings() -> Iterator[None]:
    """Hide what the AWS SDK reads, and the proxies, until the block ends; every other variable stays."""
    before = dict(os.environ)
    hidden = {name for name in before if name.startswith("AWS_") or name.upper() in _PROXIES}
    for name in hidden:
        del os.environ[name]
    os.environ.update(_NO_SETTINGS | _NO_PROXIES)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _isolated(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if _is_kept(name)} | _NO_SETTINGS | _NO_PROXIES | _NO_HOME


def _is_kept(name: str) -> bool:
    return name in _KEPT or name.startswith(_KEPT_PREFIXES)


def _is_for_registries(name: str) -> bool:
    return name in _REGISTRY or name.startswith(_REGISTRY_PREFIXES) or name.upper() in _PROXIES
