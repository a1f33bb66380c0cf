"""A developer's environment that would send every AWS call elsewhere, and witnesses of what was sent."""

import os
import socket
import textwrap
from pathlib import Path
from threading import Thread

from isolation.environment import IMPORT_PATH

WITNESS = """
    import sys

    def note(event, arguments):
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"):
            place = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
            with open({path!r}, "a") as notes:
                notes.write(repr(place[0] if isinstance(place, tuple) else place) + "\\n")

    sys.addaudithook(note)
"""
CONFIG = """
    [default]
    region = us-east-1
    endpoint_url = {url}
    credential_process = touch {called}
    [profile other]
    credential_process = touch {called}
"""
NEAR = {"'127.0.0.1'", "'::1'", "'localhost'", "None"}


class Hostile:
    """The environment, and what came of it: connections to another host, credentials that were asked for."""

    def __init__(self, folder: Path) -> None:
        self._called, self._notes = folder / "credentials-were-asked-for", folder / "notes"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections = 0
        Thread(target=self._accept, daemon=True).start()
        url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        home, modules = folder / "home", folder / "modules"
        (home / ".aws").mkdir(parents=True)
        modules.mkdir()
        config = textwrap.dedent(CONFIG).format(url=url, called=self._called)
        for name in (".aws/config", ".aws/credentials", ".boto"):
            (home / name).write_text(config)
        (home / ".netrc").write_text("machine 127.0.0.1 login developer password secret\n")
        (modules / "sitecustomize.py").write_text(textwrap.dedent(WITNESS).format(path=str(self._notes)))
        self.variables = self._exported(url, home, modules)

    def _exported(self, url: str, home: Path, modules: Path) -> dict[str, str]:
        proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"), url)
        services = ("DYNAMODB", "DYNAMODB_STREAMS", "KINESIS", "SQS", "S3", "SNS", "LAMBDA", "CLOUDFORMATION", "LOGS")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": f"{modules}{os.pathsep}{IMPORT_PATH}",
            "AWS_PROFILE": "nosuch",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "developer",
            "AWS_SECRET_ACCESS_KEY": "developer",
            "AWS_SESSION_TOKEN": "developer",
            "AWS_CONFIG_FILE": str(home / ".aws" / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws" / "credentials"),
            "AWS_CA_BUNDLE": str(home / "no-such-bundle.pem"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/credentials",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(home / ".netrc"),
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/developer",
            "AWS_USE_FIPS_ENDPOINT": "true",
            "AWS_USE_DUALSTACK_ENDPOINT": "true",
            "AWS_DATA_PATH": str(home / ".aws"),
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            "AWS_ENDPOINT_URL": url,
            **{f"AWS_ENDPOINT_URL_{service}": url for service in services},
            "STREAMCTL_ENDPOINT": url,
            "STREAMCTL_STACK": "live",
            "BOTO_CONFIG": str(home / ".boto"),
            "POWERTOOLS_SERVICE_NAME": "developer",
            **proxies,
        }

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            self._connections += 1
            connection.close()

    def assert_unused(self) -> None:
        """Assert that nothing was sent anywhere but to this machine's own servers."""
        places = set(self._notes.read_text().splitlines())
        assert places, "the witness saw no connection at all"
        assert places <= NEAR
        assert self._connections == 0, "a proxy or an endpoint of the environment was called"
        assert not self._called.exists(), "the developer's credentials were asked for"
