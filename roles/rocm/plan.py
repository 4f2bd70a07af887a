"""What has to be done on a box, decided from its state. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from roles.rocm.files import LEFTOVERS
from roles.rocm.release import Release
from roles.rocm.state import State

DriverKind = Literal["kernel", "dkms", "none"]
KERNEL_META = re.compile(r"^linux-(image-|headers-)?(generic|virtual|amd64|cloud-amd64)(-hwe.*)?$")


@dataclass(frozen=True)
class Packages:
    """+ remove: AMD's, of another release + install: what is wanted and not there"""

    remove: tuple[str, ...]
    install: tuple[str, ...]


def files(state: State, wanted: Mapping[str, str]) -> dict[str, str]:
    """Those that are not there as they should be."""
    return {
        path: text
        for path, text in wanted.items()
        if state.files.get(path) != sha256(text.encode()).hexdigest()
    }


def leftovers(state: State) -> list[str]:
    """Files of guides and of AMD's installer that speak for the repositories that we speak for."""
    return [path for path in LEFTOVERS if path in state.files]


def stuck(state: State) -> list[str]:
    """What has to go before apt works again: all of ROCm if any of it is stuck."""
    half = [one for one in state.packages.values() if one.stuck]
    there = [one for one in state.packages.values() if one.installed or one.stuck]
    amds = any(one.is_amds for one in half)
    drivers = any(one.is_driver for one in half)
    grafts = amds or any(one.is_graft for one in half)  # they depend on AMD's
    return sorted(
        one.name
        for one in there
        if (amds and one.is_amds) or (drivers and one.is_driver) or (grafts and one.is_graft)
    )


def packages(state: State, release: Release, profile: str, beside: bool) -> Packages:
    """
    AMD supports no upgrade in place: what is of another release goes before this one comes.

    + beside: whether it stays; what comes then has numbered names, unless this release is there
    without, since both hold the same files
    """
    there = {one.name for one in state.amds() if release.has_built(one.version)}
    others = {one.name for one in state.amds()} - there
    if any(map(_is_plain, others)) and any(map(_is_plain, there)):
        others, there = others | there, set()  # a mixture, whose parts depend on each other
    numbered = any(name.endswith(release.release) for name in there) if there else beside
    wanted = release.profiles[profile]
    names = [release.numbered(name) for name in wanted] if numbered else wanted
    grafts = {one.name for one in state.packages.values() if one.installed and one.is_graft}
    return Packages(
        remove=() if beside or not others else tuple(sorted(others | grafts)),
        install=tuple(name for name in names if name not in there),
    )


def _is_plain(name: str) -> bool:
    """Whether a package's name has no release at its end, and so no other release beside it."""
    return not re.search(r"\d\.\d+\.\d+$", name)


def holds(state: State, wanted: bool, kernel: bool) -> tuple[list[str], list[str]]:
    """Names to hold, and names to let go."""
    installed = [one for one in state.packages.values() if one.installed]
    ours = [one for one in installed if one.is_amds or one.is_driver]
    metas = [one for one in installed if KERNEL_META.match(one.name)]
    hold = [one.name for one in ours if wanted and not one.held]
    hold += [one.name for one in metas if kernel and not one.held]
    let_go = [one.name for one in ours if not wanted and one.held]
    return sorted(hold), sorted(let_go)


def driver(state: State, release: Release, choice: str, cards: int) -> tuple[DriverKind, str]:
    """Which driver the box is to have, and why."""
    if choice == "none":
        return "none", "rocm_driver is none"
    if choice == "dkms":
        return "dkms", "rocm_driver is dkms"
    if cards > 1 and release.driver.builds_on(state.kernel):
        return "dkms", f"{cards} cards, and AMD's driver builds on kernel {state.kernel}"
    return "kernel", "the kernel's own amdgpu knows these cards"


def dkms_is_built(state: State, release: Release) -> bool:
    """Whether AMD's driver of this release is there, for the kernel that runs."""
    driver = release.driver_for(state.system)
    return (
        state.version("amdgpu-dkms") == driver.dkms
        and state.version("amdgpu-dkms-firmware") == driver.firmware
        and any(f"{state.kernel}," in f"{line}," and "installed" in line for line in state.dkms)
    )


def dkms_packages(state: State, release: Release) -> tuple[str, ...]:
    """What AMD's driver takes, as apt is asked for it."""
    driver = release.driver_for(state.system)
    return (
        f"linux-headers-{state.kernel}",
        "dkms",
        f"amdgpu-dkms={driver.dkms}",
        f"amdgpu-dkms-firmware={driver.firmware}",
    )


def groups(state: State) -> list[str]:
    """Those of the cards that the user is not in; root needs none."""
    if state.user == "root":
        return []
    return [name for name in ("render", "video") if name not in state.user_groups]


def driver_start(state: State) -> Literal["nothing", "load", "reboot"]:
    """What makes the installed driver the running one."""
    if not state.installed_driver or state.loaded_driver == state.installed_driver:
        return "nothing"
    return "reboot" if state.loaded_driver else "load"
