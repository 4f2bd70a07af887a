"""The image that is wanted, and what is known of it: as a run and its program say it.

Pure but for the lock.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from roles.settings import SettingError
from roles.upstream.lock import Lock
from roles.vllm.reference import parse
from roles.work import Task


@dataclass(frozen=True)
class Order:
    """
    What is wanted.

    + reference: as it is written in the settings
    + registries: their addresses, in the order in which they are asked
    + digest: what the reference has to lead to; "": what the lock knows, else what is found
    + lock: the file of what was found at first use + cache: the folder for what is fetched
    """

    reference: str
    registries: tuple[str, ...]
    digest: str
    lock: str
    cache: str

    @property
    def name(self) -> str:
        """Of its table in the lock."""
        return f"image/{self.reference}"


@dataclass(frozen=True)
class Known:
    """+ digest: what the reference leads to + id: the image's, its config's digest + size: bytes"""

    digest: str
    id: str
    size: int


def known(order: Order) -> Known | None:
    """What the lock has of it; LockMismatch where the order wants another."""
    lock = Lock(Path(order.lock))
    told = lock.known(order.name)
    if not told or not {"digest", "id", "size"} <= told.keys():
        return None
    if wanted := pinned(order):
        lock.record(order.name, digest=wanted)
    return Known(str(told["digest"]), str(told["id"]), int(told["size"]))


def pinned(order: Order) -> str:
    """The digest that a person wants it to have; "": none was said."""
    reference = parse(order.reference)
    if order.digest and reference.digest not in ("", order.digest):
        raise SettingError(
            f"{order.reference} has one digest, and {order.digest} is another. "
            "Next: take one of them out of the inventory"
        )
    return order.digest or reference.digest


def fetching(order: Order) -> Task:
    """Have all of it here."""
    return Task("roles.vllm.obtain", {"order": asdict(order)})
