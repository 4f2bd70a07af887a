"""A run's side of building a graft: hands the box's catalogs over."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from roles.graft.build import Built, Order
from roles.graft.package import Recipient
from roles.work import work


def build(
    order: Order,
    recipient: Recipient,
    catalogs: Mapping[str, bytes],
    say: Callable[[str], None],
) -> Built:
    """Have it built, by a process of its own; what that says is passed on as it comes."""
    folder = kept(catalogs, Path(order.cache) / "recipients")
    told = {
        "order": dataclasses.asdict(order),
        "recipient": dataclasses.asdict(recipient),
        "catalogs": str(folder),
    }
    return Built(**work("roles.graft.build", told, say))


def kept(catalogs: Mapping[str, bytes], cache: Path) -> Path:
    """A folder with these catalogs, whole: many boxes have the same."""
    names = hashlib.sha256()
    for name, content in sorted(catalogs.items()):
        names.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    folder = cache / names.hexdigest()[:16]
    if not folder.is_dir():
        half = cache / f".{folder.name}.{os.getpid()}.{id(catalogs)}"
        half.mkdir(parents=True)
        for name, content in catalogs.items():
            (half / name).write_bytes(content)
        try:
            half.rename(folder)
        except OSError:  # another box of this run was first
            shutil.rmtree(half)
            if not folder.is_dir():
                raise
    return folder
