"""Keeping a batch of queue messages invisible for as long as this process works on them, and not much longer.

The queue's visibility time-out has to cover a whole invocation six times over. If the worker dies in the middle, that
is how long its messages would lie idle while their records near the trim horizon. A short lease, renewed while the
work goes on, brings them back within seconds.
"""

from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

LEASE_SECONDS = 20
RENEWAL_SECONDS = 5.0
BATCH_LIMIT = 10
"""Entries of one ChangeMessageVisibilityBatch (API reference), and so of one renewal."""


class MessageLease:
    """Holds messages, by their receipt handles, until each is given up or the block ends.

    A renewal that is refused is reported to ``on_refusal`` and tried again: should the lease run out meanwhile, the
    message is merely recovered twice, which changes nothing.
    """

    def __init__(
        self,
        client: Any,
        queue_url: str,
        receipt_handles: Sequence[str],
        on_refusal: Callable[[str], None],
    ) -> None:
        self._client = client
        self._queue_url = queue_url
        self._held = list(receipt_handles)
        self._on_refusal = on_refusal
        self._lock = Lock()
        self._ended = Event()
        self._thread = Thread(target=self._renew_until_ended, name="message-lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def give_back(self, receipt_handle: str, seconds: int) -> None:
        """Stop holding a message and have the queue deliver it again after so many seconds."""
        with self._lock:
            self._held.remove(receipt_handle)
            self._change([receipt_handle], seconds)

    def _renew_until_ended(self) -> None:
        while True:
            with self._lock:
                self._change(self._held, LEASE_SECONDS)
            if self._ended.wait(RENEWAL_SECONDS):
                return

    def _change(self, receipt_handles: Sequence[str], seconds: int) -> None:
        for start in range(0, len(receipt_handles), BATCH_LIMIT):
            entries = [
                {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                for index, handle in enumerate(receipt_handles[start : start + BATCH_LIMIT])
            ]
            try:
                answer = self._client.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                self._on_refusal(str(error))
            else:
                for refused in answer.get("Failed", ()):
                    self._on_refusal(f"{refused['Code']}: {refused.get('Message', '')}")
