"""AWS's services in memory, as objects with the methods of boto3's clients: those that the application calls."""

from simulation.memory_aws.aws import ACCOUNT_ID, REGION, MemoryAws
from simulation.memory_aws.errors import client_error
from simulation.memory_aws.hook import NO_WHIMS, Answer, Call, Hook, Unhooked, Whims

__all__ = [
    "ACCOUNT_ID",
    "NO_WHIMS",
    "REGION",
    "Answer",
    "Call",
    "Hook",
    "MemoryAws",
    "Unhooked",
    "Whims",
    "client_error",
]
