"""Answers that the server gives without asking the application."""

from __future__ import annotations


class EarlyAnswer(Exception):
    """Answer with this status and text, and close the connection."""

    def __init__(self, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


class BadRequest(EarlyAnswer):
    """The bytes on the connection are not an HTTP request."""

    def __init__(self, text: str) -> None:
        super().__init__(400, text)
