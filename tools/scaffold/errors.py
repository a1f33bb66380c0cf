"""The error of this tool."""


class RefusedRequest(Exception):
    """The request cannot be carried out; the message says what to change. No file was written."""
