"""Donors that are not what they should be, and disks that are full: refused before dpkg moves."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .arch import FILE, MISFITS, OTHER_KEY, WRONG_VERSION, Arch
from .box import Box
from .grafts import LIBRARY, graft, seen
from .mirror import HtmlPage, Mirror, WrongBytes
from .mirror.misbehaviour import Misbehaviour
from .mirror.upstreams import upstream
from .rocm import AS_IT_WAS
from .runs import Outcome


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A controller's cache and lock of this test's own: nothing has been fetched yet."""
    return {"upstream_cache": str(tmp_path / "cache"), "upstream_lock": str(tmp_path / "lock.toml")}


def refused(box: Box, outcome: Outcome, before: str, *words: str) -> None:
    """It stopped with these words, and the box is as it was."""
    assert outcome.status == 1, outcome.said
    said = " ".join(outcome.said.split())
    assert [word for word in words if word not in said] == [], outcome.said
    assert "Traceback" not in said
    assert box.ssh(AS_IT_WAS, check=False).stdout == before
    assert box.ssh("ls /var/cache/regraft", check=False).returncode


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        (MISFITS, ("does not fit rocblas 4.4.1.60403-128~24.04", "kernels of", "arch-dir")),
        (WRONG_VERSION, ("7.2.4-2", "6.4.3-3")),
        (OTHER_KEY, ("signature", "does not vouch for it", "graft_donor_key")),
    ],
)
def test_a_donor_that_is_not_the_one_is_refused_before_the_box_is_touched(
    quick: Box,
    mirror: Mirror,
    made_arch: Arch,
    own: dict[str, str],
    tmp_path: Path,
    variant: str,
    words: tuple[str, ...],
) -> None:
    before = quick.ssh(AS_IT_WAS, check=False).stdout
    mirror.serve_folder(upstream("arch-rocblas"), made_arch.folder(variant))
    try:
        refused(quick, graft(quick, tmp_path, **own), before, *words)
    finally:
        mirror.serve_folder(upstream("arch-rocblas"), made_arch.folder())


@pytest.mark.parametrize(
    ("pattern", "kind", "words"),
    [
        ("packages/*.zst", WrongBytes(2_000_000), ("signature", "does not vouch for it")),
        ("packages/*.sig", WrongBytes(40), ("signature", "does not vouch for it")),
        ("packages/*.zst", HtmlPage(), ("an HTML page", "upstream_addresses")),
    ],
)
def test_a_download_that_arrives_damaged_is_refused_before_the_box_is_touched(
    quick: Box,
    mirror: Mirror,
    own: dict[str, str],
    tmp_path: Path,
    pattern: str,
    kind: Misbehaviour,
    words: tuple[str, ...],
) -> None:
    before = quick.ssh(AS_IT_WAS, check=False).stdout
    mirror.misbehave(pattern, kind)
    refused(quick, graft(quick, tmp_path, **own), before, *words)


def test_a_donor_that_ends_too_early_is_refused_before_the_box_is_touched(
    quick: Box, mirror: Mirror, made_arch: Arch, own: dict[str, str], tmp_path: Path
) -> None:
    before = quick.ssh(AS_IT_WAS, check=False).stdout
    served = tmp_path / "served"
    shutil.copytree(made_arch.folder(), served)
    with (served / FILE).open("r+b") as package:
        package.truncate(3_000_000)
    sha256 = hashlib.sha256((served / FILE).read_bytes()).hexdigest()
    mirror.serve_folder(upstream("arch-rocblas"), served)
    try:
        refused(quick, graft(quick, tmp_path, **own), before, "signature", "does not vouch for it")
        trusted = {**own, "graft_donor_sha256": sha256}  # even by one who vouches for it
        refused(quick, graft(quick, tmp_path, **trusted), before, FILE, "It is deleted")
    finally:
        mirror.serve_folder(upstream("arch-rocblas"), made_arch.folder())


def test_a_full_disk_of_the_controller_is_named_and_nothing_half_is_left(
    quick: Box, own: dict[str, str], tmp_path: Path
) -> None:
    if os.geteuid():
        pytest.skip("to mount a small disk takes root")
    before = quick.ssh(AS_IT_WAS, check=False).stdout
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", small], check=True)
    try:
        full = {**own, "upstream_cache": str(small)}
        refused(quick, graft(quick, tmp_path, **full), before, str(small), "the disk is full")
        assert not list(small.glob("**/*.deb"))
    finally:
        subprocess.run(["umount", small], check=True)
    assert graft(quick, tmp_path, **own).status == 0


def test_a_box_without_room_is_named_before_anything_is_sent(
    rocm: Box, own: dict[str, str], tmp_path: Path
) -> None:
    free = "$(df --output=avail -B1 / | tail -1)"
    rocm.ssh(f"fallocate -l $(({free} - 15000000)) /root/full")
    before = rocm.ssh(AS_IT_WAS, check=False).stdout
    accepted = {"preflight_accept": '{"space": "to see what the graft says"}'}
    refused(rocm, graft(rocm, tmp_path, **own, **accepted), before, "below /opt", "df -h /opt")


@pytest.mark.parametrize("place", [LIBRARY, "/var/cache"])
def test_a_disk_that_fills_up_under_dpkg_leaves_nothing_and_the_next_run_heals(
    rocm: Box, own: dict[str, str], tmp_path: Path, place: str
) -> None:
    rocm.ssh(
        f"used=$(du -sk {place} | cut -f 1); dd if=/dev/zero of=/root/disk bs=1k "
        f"count=$((used * 11 / 10 + 3000)) && mkfs.ext4 -qF -m 0 -N 6000 /root/disk && "
        f"mount /root/disk /mnt && cp -a {place}/. /mnt/ && umount /mnt && mount /root/disk {place}"
    )
    failed = graft(rocm, tmp_path, **own)
    assert failed.status == 1, failed.said
    assert "No space left on device" in failed.said or "space" in failed.said
    assert not seen(rocm)
    rocm.ssh(f"mkdir /tmp/kept && cp -a {place}/. /tmp/kept/ && umount {place}")
    rocm.ssh(f"rm -rf {place} && mkdir {place} && cp -a /tmp/kept/. {place}/")
    assert graft(rocm, tmp_path, **own).status == 0
    assert seen(rocm)
