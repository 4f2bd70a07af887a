"""A run's side of building a graft: hands the box's catalogs over."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.command import FunctionCommand, PyinfraCommand

from roles.graft.facts import Catalogs
from roles.graft.order import Built, Order, Recipient
from roles.look.once import ask_now
from roles.work import NotDone, Task, work


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
    return Built(**work(Task("roles.graft.build", told), say))


def building(library: str, order: Order, recipient: Recipient, made: list[Built]) -> PyinfraCommand:
    """
    A command for an operation to yield: builds on the controller, while other boxes go on.

    + library: the directory on the box that the graft is to fit
    + made: gets what was built
    """
    return FunctionCommand(_building, (library, order, recipient, made), {})


def _building(
    state: State, host: Host, library: str, order: Order, recipient: Recipient, made: list[Built]
) -> bool:
    catalogs = ask_now(Catalogs, library=library)
    try:
        made.append(build(order, recipient, catalogs, say=host.log))
    except NotDone as problem:
        host.log_styled(f"no graft: {problem}", fg="red", log_func=logger.error)
    return bool(made)


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
