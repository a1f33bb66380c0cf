"""The endpoint that the options name: none for AWS, an address, or the one of `make local`."""

from urllib.parse import urlsplit

from streamctl.exits import Exit, Trouble

LOCAL_ENDPOINT = "http://127.0.0.1:4566"
"""Where `make local` listens without a PORT."""


def endpoint_of(endpoint: str | None, *, local: bool) -> str | None:
    """Return the address of the endpoint, ``None`` for AWS. An address that is given wins over ``--local``.

    Raises ``Trouble`` for an address that is none, and if several local endpoints run.
    """
    if endpoint:
        return required_address(endpoint)
    return _local_endpoint() if local else None


def _local_endpoint() -> str:
    """Return the address of the endpoint that runs, or where the first to be started will listen."""
    from local_aws.announcement import running  # here: AWS's endpoints need none of it

    found = running()
    if len(found) > 1:
        listed = "\n".join(f"  --endpoint {url}" for url in found)
        raise Trouble(Exit.USAGE, f"{len(found)} local endpoints run: choose one with --endpoint", listed)
    return found[0] if found else LOCAL_ENDPOINT


def required_address(text: str) -> str:
    """Return an address. Raises ``Trouble`` if it is not of the form http://HOST:PORT."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, or an unfinished IPv6 address
        sound = False
    if not sound or not text.isprintable() or " " in text:
        raise Trouble(Exit.USAGE, f"{text!a} is not the address of an endpoint", "For example http://127.0.0.1:4566")
    return text
