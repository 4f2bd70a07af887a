"""The lab that stands: this checkout's own box and its mirror, which outlive the command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from . import card
from .amd import amd
from .box import Box, end, qemu
from .image import image, only_one
from .inventory import upstream_settings
from .lab import Lab, join
from .need import LabError
from .places import CHECKOUT, box_folder, cache
from .upstreams import routes


def box() -> Box | None:
    """This checkout's box, if it stands: all of it, and of what would be built now."""
    folder = box_folder()
    whole = folder / "whole"
    if whole.exists() and whole.read_text() == _made_of() and qemu(folder) and _mirror(folder):
        return Box(folder)
    return None


def up() -> Box:
    """This checkout's box: the one that stands, or a fresh one."""
    folder = box_folder()
    with only_one(cache() / "standing"):  # two `make lab` at once end up with one box
        standing = box()
        if standing:
            return standing
        down()
        list(routes())  # built before the mirror is waited for
        fresh = Lab(folder.parent).box(folder.name, port=_port())
        (folder / "checkout").write_text(str(CHECKOUT))
        port = _start_mirror(folder)
        join(fresh, port)
        fresh.set(**upstream_settings(port, amd()))
        (folder / "whole").write_text(_made_of())  # last: a half is not taken for a whole
        return fresh


def down() -> None:
    """End the box and its mirror, and delete them."""
    folder = box_folder()
    pid = _mirror(folder)
    if pid:
        os.kill(pid, signal.SIGTERM)
    end(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _made_of() -> str:
    """What the box and its cards are made of, as a name: after a change, it is another box."""
    return f"{image().folder.name} {card.digest()} {sha256(card.tree('mi50')).hexdigest()}"


def _port() -> int | None:
    wanted = os.environ.get("REGRAFT_LAB_PORT", "0")
    if not wanted.isdigit() or int(wanted) > 65535:
        raise LabError(
            f"REGRAFT_LAB_PORT={wanted!r} is no port. Next: REGRAFT_LAB_PORT=2222 make lab"
        )
    return int(wanted) or None


def _start_mirror(folder: Path) -> int:
    """Serve the lab's upstreams for as long as the box stands; gives the port."""
    with (folder / "mirror.log").open("w") as log:
        mirror = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.mirror"],
            cwd=CHECKOUT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / "mirror.pid").write_text(str(mirror.pid))
    end = time.monotonic() + 60
    served = " (from a guest:"  # after its address; before it, what had to be built
    while served not in (said := (folder / "mirror.log").read_text()):
        if mirror.poll() is not None or time.monotonic() > end:
            raise LabError(f"the lab's mirror did not start:\n{said}")
        time.sleep(0.05)
    return urlsplit(said[: said.index(served)].split()[-1]).port or 0


def _mirror(folder: Path) -> int | None:
    """The mirror's process, if it lives: a number alone may be someone else's by now."""
    try:
        pid = int((folder / "mirror.pid").read_text())
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"tests.lab.mirror" in line else None
