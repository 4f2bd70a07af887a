"""The commands that change a box, put together from the shell in do/. Pure: text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from roles.apt import with_apt
from roles.look.shell import snippet
from roles.place import place
from roles.rocm.files import KEY, PIN, SOURCES, STAGE
from roles.rocm.release import Driver

DO = Path(__file__).with_name("do")


def try_sources(files: Mapping[str, str], remove: Iterable[str], others: bool) -> str:
    """
    Have apt fetch the lists of new sources, in a copy of its configuration.

    + remove: sources that they replace
    + others: whether the distribution's lists are wanted as well
    """
    given = {"key": files[KEY], "sources": files[SOURCES], "pin": files[PIN]}
    return _apt("try", remove=" ".join(remove), others=_flag(others), **given)


def forget_sources() -> str:
    """Take what was tried away again."""
    return f"rm -rf {STAGE}"


def put_sources(files: Mapping[str, str], remove: Iterable[str], installer: bool) -> str:
    """
    Put what was tried in place.

    + installer: whether the package amdgpu-install is there, which brings its own
    """
    purge = "apt purge amdgpu-install\n" if installer else ""
    return f"{_apt('put')}{purge}{place(files, remove)}\n{forget_sources()}"


def heal(names: Iterable[str]) -> str:
    """
    Have dpkg finish what it was interrupted in, and forget what was being tried.

    + names: packages that go, to come anew
    """
    return _apt("heal", names=" ".join(names))


def lists() -> str:
    """Fetch AMD's lists anew, and the distribution's where there are none."""
    return _apt("lists", sources_file=SOURCES)


def simulate(install: Iterable[str], remove: Iterable[str]) -> str:
    """Not a change: what apt would say, with the sources that are being tried if any are."""
    return _apt("simulate", install=" ".join(install), remove=" ".join(remove))


def download(install: Iterable[str], remove: Iterable[str]) -> str:
    """Every archive that is needed once `remove` is gone."""
    return _apt("download", install=" ".join(install), remove=" ".join(remove))


def switch(install: Iterable[str], remove: Iterable[str]) -> str:
    """One release for another, or one where there was none, by the sources that are tried."""
    return _apt("switch", install=" ".join(install), remove=" ".join(remove))


def dkms(driver: Driver, packages: Iterable[str]) -> str:
    """Install AMD's driver and have it built."""
    kernels = ", ".join(driver.kernels)
    return _apt("dkms", driver=driver.dkms, kernels=kernels, packages=" ".join(packages))


def _apt(name: str, **given: str) -> str:
    return with_apt(DO / "apt.sh", stage=STAGE) + snippet(DO / f"{name}.sh", **given)


def _flag(value: bool) -> str:
    return "yes" if value else ""
