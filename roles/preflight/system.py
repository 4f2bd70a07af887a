"""Judging the system below the cards: release, kernel, firmware, space, memory."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from roles.finding import Finding, Level
from roles.preflight.settings import Settings
from roles.preflight.state import Disk, State

GIB = 2**30
# GiB that may be wanted beside /opt; a twentieth of it must be there in any case
WANTS = {"/usr": 2.0, "/var/cache/apt": 6.0, "/boot": 0.3, "/tmp": 1.0}
TABLE = Path(__file__).with_name("systems.toml")


def judge(state: State, settings: Settings) -> list[Finding]:
    """Everything in this module."""
    return [
        *_root(state),
        _release(state),
        _kernel(state),
        _secure_boot(state),
        *_space(state, settings),
        _memory(state),
        *_reboot(state),
    ]


def _root(state: State) -> list[Finding]:
    if state.root:
        return []
    fix = 'log in as root, or give the box "_sudo": True in the inventory'
    return [Finding("root", "stop", "not root on this box", "id -u is not 0", fix)]


def _row(state: State) -> dict[str, Any] | None:
    this = (state.release.get("ID"), state.release.get("VERSION_ID"))
    rows = tomllib.loads(TABLE.read_text())["system"]
    return next((row for row in rows if (row["id"], row["version"]) == this), None)


def _release(state: State) -> Finding:
    name = state.release.get("PRETTY_NAME", "an unnamed system")
    where = "" if state.virtual == "none" else f", under {state.virtual}"
    said = f"{name}, {state.architecture}{where}"
    if state.architecture != "x86_64":
        fix = "ROCm exists for x86_64 only: use another machine"
        return Finding("release", "stop", said, f"uname -m: {state.architecture}", fix)
    row = _row(state)
    if row is None:
        known = ", ".join(
            f"{one['id']} {one['version']}" for one in tomllib.loads(TABLE.read_text())["system"]
        )
        fix = f"install one of: {known}; or accept it: preflight_accept = {{'release': 'why'}}"
        return Finding("release", "stop", said, "not in roles/preflight/systems.toml", fix)
    return Finding("release", row["verdict"], said, row["text"])


def _kernel(state: State) -> Finding:
    row = _row(state)
    said = f"kernel {state.kernel}"
    if row is None:
        return Finding("kernel", "note", said)
    hwe = next((p for p in state.packages if p.name == row["hwe"] and p.installed), None)
    if state.kernel.startswith(f"{row['ga']}."):
        also = f"; {hwe.name} is installed, a newer one may boot next" if hwe else ""
        return Finding("kernel", "ok", said, f"the release's own (GA) series {row['ga']}{also}")
    kind = f"the HWE kernel ({hwe.name} {hwe.version})" if hwe else "neither GA nor HWE"
    text = f"{kind}; the GA series is {row['ga']}"
    fix = "the in-kernel amdgpu is fine; AMD's DKMS driver builds on named kernels only"
    return Finding("kernel", "note", said, text, fix)


def _secure_boot(state: State) -> Finding:
    if not state.efi:
        return Finding("secure-boot", "ok", "no Secure Boot", "booted without UEFI")
    if state.secure_boot:
        fix = "keep the in-kernel driver; for DKMS enrol a key with mokutil, or turn it off"
        said = "Secure Boot is on: a DKMS driver that you did not sign will not load"
        return Finding("secure-boot", "note", said, "efivar SecureBoot: 1", fix)
    if state.secure_boot is None:
        said = "the firmware does not say whether Secure Boot is on"
        return Finding("secure-boot", "note", said, "no efivar SecureBoot")
    return Finding("secure-boot", "ok", "Secure Boot is off", "efivar SecureBoot: 0")


def _space(state: State, settings: Settings) -> list[Finding]:
    """Free space where packages, their archives, kernels and virtual environments go.

    Of the folders on one file system, the one that wants most speaks for all.
    """
    wants = {"/opt": float(settings.preflight_free_gib), **WANTS}
    hungriest: dict[str, Disk] = {}
    for disk in sorted(state.disks, key=lambda disk: wants.get(disk.folder, 0.0)):
        hungriest[disk.mount] = disk
    return [_room(disk, wants.get(disk.folder, 0.0)) for disk in hungriest.values()]


def _room(disk: Disk, want: float) -> Finding:
    free = disk.free_bytes / GIB
    level: Level = "ok" if free >= want else "warning" if free >= want / 20 else "stop"
    said = f"{free:.1f} GiB free for {disk.folder}"
    evidence = f"on {disk.mount}; wants {want:g} GiB"
    clean = "sudo apt-get clean; sudo journalctl --vacuum-size=100M"
    fix = "sudo apt-get autoremove --purge" if disk.folder == "/boot" else clean
    return Finding("space", level, said, evidence, "" if level == "ok" else fix)


def _memory(state: State) -> Finding:
    gib = state.memory_bytes / GIB
    said = f"{gib:.1f} GiB of memory"
    if gib >= 7:  # what a machine with 8 shows
        return Finding("memory", "ok", said)
    fix = "add memory or swap before loading models larger than it"
    return Finding("memory", "note", said, "PyTorch reads a model through it", fix)


def _reboot(state: State) -> list[Finding]:
    if not state.reboot_required:
        return []
    said = "the box asks for a reboot: a kernel or library that was updated is not the one running"
    return [Finding("reboot", "warning", said, "/run/reboot-required", "sudo reboot")]
