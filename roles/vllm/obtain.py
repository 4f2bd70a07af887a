"""An image on the controller, each of its files fetched once for all boxes that want it.

A program of its own, `python -m roles.vllm.obtain`, told in JSON what is wanted: it takes its time
without holding up the other boxes of a run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

from roles.settings import SettingError
from roles.upstream.alone import alone
from roles.upstream.fetch import SPARE_BYTES, mb
from roles.upstream.lock import Lock, LockRefused
from roles.vllm.image import ZSTD, Blob, Image, ImageRefused, archive, check, digest, read
from roles.vllm.order import Known, Order, known, pinned
from roles.vllm.reference import parse
from roles.vllm.registries import Registries
from roles.vllm.registry import MIRROR, Registry
from roles.work import worker

Say = Callable[[str], None]

MOST_CONFIG = 8 << 20  # bytes; it is read as a whole
PROBLEMS = (ImageRefused, LockRefused, SettingError)


class File(TypedDict):
    """One that goes to the box. + path: here + name: there, beside manifest.json"""

    path: str
    name: str
    size: int


@dataclass(frozen=True)
class Obtained(Known):
    """
    An image that is here.

    + files: each once + manifest: what belongs beside them as manifest.json
    + registry: the one that has answered last; "": none was asked
    """

    files: list[File]
    manifest: str
    registry: str


def obtain(order: Order, say: Say) -> Obtained:
    """Have all of an image's files here, each as its digest says, and what they are recorded."""
    cache = Path(order.cache) / "images"
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache, lambda: say("another box of this run is fetching an image")):
        return _Fetching(order, cache, say).run()


class _Fetching:
    """One image on its way here."""

    def __init__(self, order: Order, cache: Path, say: Say) -> None:
        self.order, self.cache, self.say = order, cache, say
        self.reference = parse(order.reference)
        self.pinned, locked = pinned(order), known(order)
        self.wanted = self.pinned or (locked.digest if locked else "")
        self.registries = Registries(order.registries, self.reference.path, say)

    def run(self) -> Obtained:
        try:
            found, image = self._image()
            self._fetch(image)
        except ImageRefused as problem:
            raise ImageRefused(f"{self.order.reference} cannot be had: {problem}") from problem
        what = Known(found, image.config.digest, image.size)
        Lock(Path(self.order.lock)).record(self.order.name, **asdict(what))
        files = [
            File(path=str(self._path(one.digest)), name=one.name, size=one.size)
            for one in image.blobs
        ]
        manifest, used = archive(image, self.reference), self.registries.used
        return Obtained(**asdict(what), files=files, manifest=manifest, registry=used)

    def _image(self) -> tuple[str, Image]:
        """What the reference leads to, and the image that this is or has for our machines."""
        document = self._document(self.wanted)
        found, what = digest(document), read(document)
        if isinstance(what, Blob):
            what = read(self._document(what.digest))
        if isinstance(what, Blob):
            raise ImageRefused(f"its index {found} leads to another. Next: {MIRROR}")
        return found, what

    def _document(self, wanted: str) -> bytes:
        """A manifest or an index. + wanted: its digest; "": the one with the tag"""
        if wanted and self._is_here(wanted):
            return self._path(wanted).read_bytes()
        document = self.registries.take(lambda registry: self._asked(registry, wanted))
        place = self._path(digest(document))
        place.parent.mkdir(exist_ok=True)
        half = place.with_name(f"{place.name}.{os.getpid()}")
        half.write_bytes(document)
        os.replace(half, place)
        return document

    def _asked(self, registry: Registry, wanted: str) -> bytes:
        document = registry.manifest(wanted or self.reference.tag)
        if document is None:
            raise self._lacking(registry, wanted)
        read(document)  # one that has something else there is no better than one without it
        return document

    def _lacking(self, registry: Registry, wanted: str) -> ImageRefused:
        tag = self.reference.tag
        if not wanted:
            return ImageRefused(f"{registry.base} has no {tag} of it. Next: {MIRROR}")
        now = registry.manifest(tag) if tag and wanted == self.wanted else None
        if now is None:
            return ImageRefused(f"{registry.base} has no {wanted}. Next: {MIRROR}")
        said = f"{registry.base} has no {wanted} any more: the tag {tag} is now {digest(now)}"
        if self.pinned:
            return ImageRefused(f"{said}, the inventory has {wanted}. Next: correct it there")
        return ImageRefused(
            f"{said}, the lock has {wanted}. Next: if the change is wanted, delete the table "
            f'["{self.order.name}"] in {self.order.lock}'
        )

    def _fetch(self, image: Image) -> None:
        if image.config.size > MOST_CONFIG:
            raise ImageRefused(f"its config has {mb(image.config.size)}. Next: {MIRROR}")
        if not self._is_here(image.config.digest):
            self._take(image.config, "its config")
        check(self._path(image.config.digest).read_bytes(), image)
        layers = [one for one in image.blobs if one is not image.config]
        lacking = [one for one in layers if not self._is_here(one.digest)]
        if lacking:
            self._announce(image, layers, lacking)
        for one in lacking:
            self._take(one, f"layer {layers.index(one) + 1} of {len(layers)}")

    def _announce(self, image: Image, layers: list[Blob], lacking: list[Blob]) -> None:
        """Say what is to come, and see whether there is room for it."""
        need = sum(one.size - self._begun(one) for one in lacking)
        self.say(
            f"{self.order.reference}: {len(layers)} layers, {mb(image.size)} in all, "
            f"{mb(need)} of them to fetch"
        )
        for number, one in enumerate(layers, 1):
            here = "" if one in lacking else ", here already"
            self.say(f"layer {number} of {len(layers)}: {mb(one.size)}{here}")
        if any(one.kind in ZSTD for one in layers):
            self.say("layers of it are packed with zstd, which Docker takes since 23.0")
        free = shutil.disk_usage(self.cache).free
        if free < need + SPARE_BYTES:
            raise ImageRefused(
                f"{mb(need)} are to come, and {mb(free)} are free in {self.cache}. Next: free "
                "some, or upstream_cache in the inventory: a folder on another disk"
            )

    def _take(self, blob: Blob, called: str) -> None:
        def say(text: str) -> None:
            self.say(text.replace(blob.name, called))

        into = self._path(blob.digest)
        self.registries.take(lambda registry: registry.blob(blob, into, say))

    def _path(self, wanted: str) -> Path:
        name = wanted.removeprefix("sha256:")
        return self.cache / name[:16] / name

    def _is_here(self, wanted: str) -> bool:
        try:
            with self._path(wanted).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self._path(wanted).name
        except FileNotFoundError:
            return False

    def _begun(self, blob: Blob) -> int:
        """Bytes of it that an earlier run has brought."""
        path = self._path(blob.digest)
        part = path.with_name(f"{path.name}.part")
        return part.stat().st_size if part.exists() else 0


def _told(told: dict[str, Any], say: Say) -> Any:
    return asdict(obtain(Order(**told["order"]), say))


if __name__ == "__main__":
    sys.exit(worker(_told, PROBLEMS))
