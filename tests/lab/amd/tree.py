"""The whole folder: built once for what goes into it, and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .. import card
from ..image import only_one
from ..mirror.routes import Route, folder
from ..places import cache, need_space
from .contents import HERE, contents
from .keys import Keys, keys
from .release import repositories
from .repository import publish
from .tensile import Library, library

KEY = "rocm/rocm.gpg.key"


@dataclass(frozen=True)
class Amd:
    """+ root: the folder to serve"""

    root: Path
    keys: Keys

    @property
    def fingerprint(self) -> str:
        """Of the key that signs everything here."""
        return self.keys.fingerprint

    @property
    def other_key(self) -> str:
        """An armoured public key that signs nothing here."""
        return self.keys.other

    def routes(self) -> Iterator[Route]:
        """For a mirror that serves more than this."""
        for path in sorted(self.root.iterdir()):
            yield Route(path.name, folder(path))


def amd(base: Path | None = None) -> Amd:
    """The lab's AMD, built if it is not there.

    + base: where it is kept; the lab's cache, unless told otherwise
    """
    base = base or cache()
    signing = keys(base / "amd-keys")
    libraries = {one.version: library(base, one.tensile) for one in repositories() if one.tensile}
    kept = base / f"amd-{digest(signing, libraries)}"
    with only_one(kept):
        if not (kept / "tree").exists():
            need_space(kept, 0.5, "the lab's AMD")
            _build(kept, signing, libraries)
    return Amd(kept / "tree", signing)


def digest(signing: Keys, libraries: Mapping[str, Library]) -> str:
    """What goes into the tree, as a name."""
    found = hashlib.sha256(signing.fingerprint.encode())
    for path in sorted(
        path for path in HERE.rglob("*") if path.suffix != ".pyc" and path.is_file()
    ):
        found.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    found.update(card.digest().encode())
    for release, one in sorted(libraries.items()):
        found.update(f"{release} {one.said}\n".encode())
    return found.hexdigest()[:12]


def _build(kept: Path, signing: Keys, libraries: Mapping[str, Library]) -> None:
    print("==> building the lab's AMD: packages and signed repositories", flush=True)
    started = time.monotonic()
    new = kept / "new"
    shutil.rmtree(new, ignore_errors=True)
    for repository in repositories():
        tensile = libraries.get(repository.version) if repository.tensile else None
        recipient = tensile.recipient if tensile else None
        fill = partial(contents, repository, tensile=recipient)
        publish(repository, fill, signing, new)
    (new / KEY).write_text(signing.public)
    os.rename(new, kept / "tree")
    print(f"==> the lab's AMD is built: {time.monotonic() - started:.0f} s", flush=True)
