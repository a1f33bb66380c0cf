"""What outlives the endpoint: a snapshot of all that changes seldom, and a log of what changes often."""

from .directory import StateDirectory
from .keeper import Forgetful, Keeper

__all__ = ["Forgetful", "Keeper", "StateDirectory"]
