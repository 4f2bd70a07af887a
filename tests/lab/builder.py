"""A controller that builds grafts: its own cache and lock, and no box.

builder = Builder(folder, library, mirror.url, str(arch().key))
done = builder.run()
done.returncode, done.stderr, builder.built()
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roles.graft.order import Order, Recipient
from roles.graft.package import digest

from .amd.release import RELEASES, read
from .amd.tensile import Library, library
from .places import CHECKOUT, cache

RELEASE = "6.4.3"
DONOR = "arch-6.4.3-3"
ROCBLAS = "4.4.1.60403-128~24.04"


def tensile() -> Library:
    """The build of which the lab's rocblas and its donor are parts."""
    wanted = read(RELEASES / f"rocm-{RELEASE}.toml").tensile
    assert wanted
    return library(cache(), wanted)


@dataclass(frozen=True)
class Builder:
    """
    One controller.

    + folder: of its own, for all that it keeps + library: which it has of a box
    + mirror: where it fetches from + key: the file with the packager's key
    + sha256: of the donor's package, in place of a signature
    """

    folder: Path
    library: Path
    mirror: str = ""
    key: str = ""
    sha256: str = ""

    @property
    def donors(self) -> Path:
        """Where packages are fetched to, and unpacked."""
        return self.folder / "donors" / DONOR

    @property
    def grafts(self) -> Path:
        return self.folder / "grafts"

    def built(self) -> Path:
        """The one package that there is."""
        (package,) = self.grafts.glob("*.deb")
        return package

    def run(self, umask: int = -1, **environment: str) -> subprocess.CompletedProcess[str]:
        """Have it built as a run does. + environment: on top of this process's"""
        return subprocess.run(
            [sys.executable, "-m", "roles.graft.build"],
            input=json.dumps(self._asked()),
            capture_output=True,
            text=True,
            check=False,
            cwd=CHECKOUT,
            umask=umask,
            env={**os.environ, **environment},
        )

    def _asked(self) -> dict[str, Any]:
        """What the program is told: see roles/graft/controller.py."""
        catalogs = self.folder / "catalogs"
        if not catalogs.exists():
            catalogs.mkdir(parents=True)
            for path in self.library.glob("*_fallback.dat"):
                shutil.copy(path, catalogs)
        recipient = Recipient("rocblas", ROCBLAS, f"/opt/rocm-{RELEASE}", digest(catalogs))
        order = Order(
            donor=DONOR,
            arch="gfx906",
            layout="flat",
            addresses={"arch-archive": f"{self.mirror}/packages"},
            key=self.key,
            sha256=self.sha256,
            lock=str(self.folder / "regraft.lock.toml"),
            cache=str(self.folder),
        )
        return {
            "order": dataclasses.asdict(order),
            "recipient": dataclasses.asdict(recipient),
            "catalogs": str(catalogs),
        }
