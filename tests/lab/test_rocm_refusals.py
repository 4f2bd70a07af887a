"""What stops roles/rocm, with its own clear message and the box as it was."""

from __future__ import annotations

from pathlib import Path

from .amd import Amd
from .box import Box
from .broken import DEB, LOCKED
from .mirror import Mirror, Missing, Refused, Truncated, WrongBytes
from .rocm import deploy, healthy, refused


def test_a_key_that_is_not_the_expected_one_is_refused_with_both_fingerprints(
    listed: Box, made: Amd, tmp_path: Path
) -> None:
    other = "0123456789ABCDEF0123456789ABCDEF01234567"
    refused(listed, tmp_path, made.fingerprint, f"expected was {other}", rocm_key_fingerprint=other)


def test_a_tampered_index_is_refused(listed: Box, mirror: Mirror, tmp_path: Path) -> None:
    mirror.misbehave("rocm/apt/*/InRelease", WrongBytes(offset=200))
    refused(listed, tmp_path, "rocm/apt/6.4.3", "signature")


def test_a_mirror_that_is_away_is_named(listed: Box, mirror: Mirror, tmp_path: Path) -> None:
    mirror.misbehave("amdgpu/*", Refused())
    refused(listed, tmp_path, "amdgpu/6.4.3/ubuntu", "503")


def test_a_system_that_amd_does_not_build_for_is_named_with_those_that_it_does(
    listed: Box, tmp_path: Path
) -> None:
    listed.ssh("sed -i 's/^ID=.*/ID=debian/; s/^VERSION_ID=.*/VERSION_ID=\"13\"/' /etc/os-release")
    refused(listed, tmp_path, "builds ROCm 6.4.3 for ubuntu 24.04, debian 12", "debian 13")


def test_an_install_that_would_remove_someone_elses_package_is_refused(
    listed: Box, tmp_path: Path
) -> None:
    listed.ssh(f"{DEB} deb precious 1 '' 'Conflicts: rocblas'; dpkg -i /tmp/precious.deb")
    refused(listed, tmp_path, "it would remove packages that are not ROCm's: precious")


def test_a_package_that_was_left_half_configured_is_named(listed: Box, tmp_path: Path) -> None:
    listed.ssh(f"{DEB} deb unlucky 1 'exit 1'; dpkg -i /tmp/unlucky.deb; true")
    before = listed.ssh("find /etc /opt -printf '%p %s\\n' | sort").stdout
    outcome = deploy(listed, tmp_path)
    assert outcome.status == 1
    assert "unlucky" in outcome.said
    assert "dpkg --configure" in outcome.said
    assert listed.ssh("find /etc /opt -printf '%p %s\\n' | sort").stdout == before


def test_a_held_lock_stops_before_anything_is_changed(listed: Box, tmp_path: Path) -> None:
    listed.ssh(LOCKED)
    refused(listed, tmp_path, "another program holds the package lock", "tail --pid=")


def test_a_full_disk_stops_before_anything_is_changed(box: Box, tmp_path: Path) -> None:
    box.ssh("fallocate -l $(($(df --output=avail -B1 / | tail -1) - 200000000)) /var/full")
    refused(box, tmp_path, "GiB free for /opt")


def test_a_package_that_arrives_damaged_is_not_installed_and_comes_later(
    installed: Box, mirror: Mirror, tmp_path: Path
) -> None:
    gone = "hipfft hiprand"  # and the archives of all, which apt keeps
    installed.ssh(f"apt-get -y --allow-change-held-packages remove {gone}; apt-get clean")
    mirror.misbehave("*/hipfft_*.deb", WrongBytes(300))
    mirror.misbehave("*/hiprand_*.deb", Truncated(500))
    refused(installed, tmp_path, "hipfft", "hiprand")
    mirror.behave()
    assert deploy(installed, tmp_path).status == 0
    healthy(installed, "6.4.3")


def test_a_mirror_that_goes_away_during_a_switch_leaves_the_old_release(
    installed: Box, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.misbehave("rocm/apt/7.0.2/*/rocsolver_*.deb", Missing())
    refused(installed, tmp_path, "rocsolver", rocm_release="7.0.2")
    healthy(installed, "6.4.3")
