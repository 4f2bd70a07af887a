"""The commands that change a box, put together from the shell in do/. Pure: text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from roles.look import snippet
from roles.place import place
from roles.rocm.files import KEY, SOURCES
from roles.rocm.release import Release

DO = Path(__file__).with_name("do")


def sources(files: Mapping[str, str], remove: Iterable[str], installer: bool) -> str:
    """Have apt try the sources, then put them in place.

    + installer: whether the package amdgpu-install is there, which brings its own
    """
    trial = _apt("sources", text_key=files[KEY], text_sources=files[SOURCES], key=KEY)
    purge = "apt purge amdgpu-install\n" if installer else ""
    return f"{trial}{purge}{place(files, remove)}"


def lists(everything: bool) -> str:
    """Fetch AMD's lists anew. + everything: the distribution's as well, where there are none"""
    return _apt("lists", everything="yes" if everything else "", sources_file=SOURCES)


def simulate(install: Iterable[str], remove: Iterable[str]) -> str:
    """Not a change: what apt would say."""
    return _apt("simulate", install=" ".join(install), remove=" ".join(remove))


def download(install: Iterable[str], remove: Iterable[str]) -> str:
    """Every archive that is needed once `remove` is gone."""
    return _apt("download", install=" ".join(install), remove=" ".join(remove))


def switch(install: Iterable[str], remove: Iterable[str]) -> str:
    """One release for another, or one where there was none."""
    return _apt("switch", install=" ".join(install), remove=" ".join(remove))


def dkms(release: Release) -> str:
    """AMD's driver."""
    driver = release.driver
    kernels = ", ".join(driver.kernels)
    return _apt("dkms", driver=driver.dkms, firmware=driver.firmware, kernels=kernels)


def _apt(name: str, **given: str) -> str:
    return (DO / "apt.sh").read_text() + snippet(DO / f"{name}.sh", **given)
