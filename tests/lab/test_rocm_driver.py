"""AMD's own driver, built by DKMS on a real kernel: the stand-in card's module."""

from __future__ import annotations

from pathlib import Path

from . import card
from .box import Box
from .lab import plug
from .looks import cards
from .rocm import deploy

FIRMWARE = "dpkg-query -W -f '${Version}' amdgpu-dkms-firmware"


def test_amds_driver_that_does_not_build_says_why_and_one_that_does_drives_the_card(
    installed: Box, tmp_path: Path
) -> None:
    plug(installed, card.tree("mi50"), driver=False)
    installed.ssh("touch /usr/lib/regraft-lab/kernel-too-new")
    failed = deploy(installed, tmp_path, rocm_driver="dkms")
    assert failed.status == 1
    assert f"does not build on kernel {installed.image.kernel}" in failed.said
    assert "'const struct drm_driver' has no member named 'date'" in failed.said
    assert "rocm_driver = 'auto'" in failed.said
    assert installed.ssh("dpkg --audit; apt-get -qq check").stdout == ""

    installed.ssh("rm /usr/lib/regraft-lab/kernel-too-new")
    built = deploy(installed, tmp_path, rocm_driver="dkms")
    assert built.status == 0, built.said
    drives_the_card(installed, "1:6.12.12.60403-2194681.24.04")
    assert deploy(installed, tmp_path, rocm_driver="dkms").unchanged

    switched = deploy(installed, tmp_path, rocm_driver="dkms", rocm_release="7.0.2")
    assert switched.status == 0, switched.said
    assert "rebooting: the driver that is loaded is not the one that was built" in switched.said
    drives_the_card(installed, "30.10.2.0.30100200-2226257.24.04")  # which apt takes for the older
    again = deploy(installed, tmp_path, rocm_driver="dkms", rocm_release="7.0.2")
    assert again.unchanged, again.said


def drives_the_card(box: Box, firmware: str) -> None:
    assert "installed" in box.ssh("dkms status amdgpu").stdout
    assert "updates/dkms" in box.ssh("modinfo -n amdgpu").stdout
    version = "cat /sys/module/amdgpu/srcversion"
    assert box.ssh(version).stdout == box.ssh("modinfo -F srcversion amdgpu").stdout
    assert box.ssh(FIRMWARE).stdout == firmware
    assert cards(box).cards[0].kfd_node == 1
