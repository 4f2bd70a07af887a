"""What is to be grafted, onto what, and what comes of it: as a run and its programs say it.

Pure but for the lock.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roles.graft import donor as donors
from roles.upstream.lock import Lock
from roles.work import Task

Layout = Literal["flat", "arch-dir"]
FORM = 2  # of what package.py writes; another number is another version of every graft


@dataclass(frozen=True)
class Recipient:
    """
    A library directory on a box, and the package that it belongs to.

    + prefix: the release's own, never /opt/rocm, which follows the alternative; or where torch
      has its libraries, below site-packages
    + catalogs: a digest of the fallback catalogs that lie there
    """

    package: str
    version: str
    prefix: str
    catalogs: str

    @property
    def library(self) -> str:
        return f"{self.prefix}/lib/rocblas/library"

    @property
    def is_wheel(self) -> bool:
        """Whether pip has it, and not dpkg."""
        return not self.prefix.startswith("/")

    def beside(self, name: str) -> str:
        """A folder that rocBLAS does not look into."""
        return f"{self.prefix}/lib/rocblas/{name}"


@dataclass(frozen=True)
class Graft:
    """
    A donor's files for one recipient.

    + donor: its version + source: the sha256 of the donor's package
    """

    arch: str
    layout: Layout
    recipient: Recipient
    donor: str
    source: str

    @property
    def name(self) -> str:
        return f"regraft-{self.recipient.package}-{self.arch}"

    @property
    def version(self) -> str:
        """Equal versions hold equal files: all that decides them is in it."""
        told = [FORM, self.arch, self.layout, *vars(self.recipient).values(), self.source]
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]
        return f"{self.donor.replace('-', '.')}+{self.recipient.prefix.rpartition('-')[2]}+{digest}"

    @property
    def wheel_version(self) -> str:
        """As Python packages have it: one plus sign."""
        donor, *rest = self.version.split("+")
        return f"{donor}+{'.'.join(rest)}"

    @property
    def folder(self) -> str:
        """Where its files lie on the box."""
        if self.layout == "flat":
            return self.recipient.library
        return self.recipient.beside(f"regraft-{self.arch}")

    @property
    def share(self) -> str:
        return f"/usr/share/regraft/graft/{self.name}"

    @property
    def manifest(self) -> str:
        """The sha256 of each of its files, as sha256sum reads them."""
        return f"{self.share}/manifest.sha256"

    @property
    def aside(self) -> str:
        """Where an earlier copy by hand is set aside."""
        return self.recipient.beside(f"regraft-set-aside-{self.arch}")


@dataclass(frozen=True)
class Order:
    """
    What is to be grafted, whatever the recipient.

    + donor: a name in patches/rocblas, or the path of a file like those
    + addresses: of the upstreams, by name
    + key: the setting graft_donor_key + sha256: the setting graft_donor_sha256
    + lock: the file of what was found at first use
    + cache: the folder for what is fetched and built
    """

    donor: str
    arch: str
    layout: Layout
    addresses: Mapping[str, str]
    key: str
    sha256: str
    lock: str
    cache: str


@dataclass(frozen=True)
class Built:
    """A package. + path: on the controller + unpacked: the bytes that it takes on the box"""

    name: str
    version: str
    path: str
    sha256: str
    size: int
    unpacked: int


def known(order: Order, recipient: Recipient) -> Graft | None:
    """What belongs onto this recipient, if the donor's bytes are known by now."""
    giver = donors.load(order.donor)
    source = order.sha256 or donors.pinned(giver, Lock(Path(order.lock)))
    if not source:
        return None
    return Graft(order.arch, order.layout, recipient, giver.version, source)


def fetching(order: Order) -> Task:
    """Have the donor here; the same for all that it is given to."""
    return Task("roles.graft.ahead", dataclasses.asdict(dataclasses.replace(order, layout="flat")))
