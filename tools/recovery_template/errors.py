"""The error of this tool."""


class NotDerivable(Exception):
    """The declaration no longer fits template.yaml; the message names the part and says what to change."""
