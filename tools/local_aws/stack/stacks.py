"""The stack of a template file, and CloudFormation made ready when it is first asked for.

moto's CloudFormation brings the models of a hundred services: seconds, which an endpoint without a stack is spared.
"""

from __future__ import annotations

import threading
from pathlib import Path

from ..services import Services
from .lambda_kinds import LambdaOperations


class Stacks:
    """Make one per endpoint: from then on all its stacks get their resources from here."""

    def __init__(self, services: Services, endpoint_url: str, region: str, functions: LambdaOperations) -> None:
        self._services = services
        self._endpoint_url = endpoint_url
        self._region = region
        self._functions = functions
        self._local_folders: set[str] = set()
        self._is_ready = False
        self._lock = threading.Lock()
        services.prepare_first("cloudformation", self._make_ready)

    def create(self, path: Path, name: str, parameters: dict[str, str]) -> dict[str, str]:
        """Create the stack of a template file, or update the one that there is; answer its outputs.

        `TemplateError` if the template is at fault.
        """
        from . import cloudformation
        from .template import local_folders, read_template

        self._make_ready()
        with self._services.lock("cloudformation"):
            template = read_template(path, parameters)
            self._local_folders |= local_folders(template)
            return cloudformation.create(self._services.account_id, self._region, template, str(path), name, parameters)

    def _make_ready(self) -> None:
        with self._lock:
            if self._is_ready:
                return
            from ..http_api.kinds import HttpApiKinds
            from . import cloudformation
            from .lambda_kinds import lambda_kinds
            from .resources import Removal, Resource
            from .service_kinds import ServiceKinds

            services = ServiceKinds(self._endpoint_url, self._region)
            apis = HttpApiKinds(self._endpoint_url, self._region)
            cloudformation.install(services.kinds() | apis.kinds() | lambda_kinds(self._functions, self._local_folders))

            def perform(removal: Removal) -> None:
                if removal.service == "lambda":
                    getattr(self._functions, removal.operation)(removal.parameters)
                else:
                    services.remove(removal)

            Resource.perform = perform
            self._is_ready = True
