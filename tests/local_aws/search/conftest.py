"""An index of the search service for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from served_aws import Aws

from ..served_search import Index


@pytest.fixture
def index(aws: Aws) -> Iterator[Index]:
    made = Index(aws.endpoint.url)
    made.create()
    yield made
    requests.delete(f"{aws.endpoint.url}/_local/refusals", timeout=5).raise_for_status()
