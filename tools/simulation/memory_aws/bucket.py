"""One S3 bucket: objects, their versions, and the conditions that writes may be made on.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

import hashlib
from dataclasses import dataclass, field

from simulation.memory_aws.errors import Refusal


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an object, or the marker that it was deleted (``content`` is ``None``)."""

    version_id: str
    content: bytes | None
    content_type: str
    written_at: float

    @property
    def etag(self) -> str:
        """The digest of the content: equal contents have equal tags."""
        return f'"{hashlib.md5(self.content or b"", usedforsecurity=False).hexdigest()}"'


@dataclass(slots=True)
class Bucket:
    """``objects`` holds the versions of each key, oldest first; without versioning there is one of each."""

    name: str
    versioned: bool = False
    queues: list[str] = field(default_factory=list)
    """ARNs of those that are told of every object that is created."""
    objects: dict[str, list[Version]] = field(default_factory=dict)

    def current(self, key: str) -> Version | None:
        """Return the object as it is now, ``None`` where there is none."""
        versions = self.objects.get(key)
        return versions[-1] if versions and versions[-1].content is not None else None

    def listing(self) -> list[str]:
        """Return the keys of all objects, in the order of listings."""
        return sorted(key for key in self.objects if self.current(key) is not None)

    def version(self, key: str, version_id: str) -> Version:
        """Return one version of an object. Raises ``Refusal``."""
        versions = [each for each in self.objects.get(key, ()) if each.version_id == version_id]
        if not versions:
            raise Refusal("NoSuchVersion", "The specified version does not exist.", 404)
        if versions[0].content is None:
            raise Refusal("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
        return versions[0]

    def require(self, key: str, if_match: str | None, if_none_match: str | None = None) -> None:
        """Raise ``Refusal`` unless the object is as a conditional request has it."""
        now = self.current(key)
        if if_match is not None and now is None:
            raise no_such_key()
        unmatched = if_match is not None and now is not None and if_match not in ("*", now.etag)
        if unmatched or (if_none_match == "*" and now is not None):
            raise Refusal("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)

    def add(self, key: str, version: Version) -> None:
        """Write a version; it is the current one."""
        if self.versioned:
            self.objects.setdefault(key, []).append(version)
        elif version.content is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = [version]


def no_such_key() -> Refusal:
    """Return the refusal for an object that is not there."""
    return Refusal("NoSuchKey", "The specified key does not exist.", 404)
