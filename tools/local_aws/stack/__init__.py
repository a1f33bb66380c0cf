"""Stacks: a SAM or CloudFormation template, from whatever client, made into resources that run here."""

from .stacks import Stacks

__all__ = ["Stacks"]
