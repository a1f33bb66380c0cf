"""Isolates the test process. ``conftest`` imports this module first, before anything imports botocore."""

from isolation.connections import guard_connections
from isolation.environment import enter_isolation

enter_isolation()
guard_connections()
