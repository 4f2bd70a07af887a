"""roles/rocm on real boxes, from the lab's AMD: side by side, and over what others have left."""

from __future__ import annotations

from pathlib import Path

from .amd import Amd
from .arch import FILE
from .box import Box
from .broken import DEB
from .mirror import Mirror
from .rocm import VERSIONS, deploy, healthy, sound


def test_a_run_over_a_box_that_has_it_changes_nothing(installed: Box, tmp_path: Path) -> None:
    healthy(installed, "6.4.3")
    outcome = deploy(installed, tmp_path)
    assert outcome.unchanged, outcome.said


def test_two_releases_stand_side_by_side_and_one_of_them_is_chosen(
    quick_installed: Box, tmp_path: Path
) -> None:
    both = deploy(quick_installed, tmp_path, rocm_release="7.0.2", rocm_side_by_side=True)
    assert both.status == 0, both.said
    listed = quick_installed.ssh("dpkg-query -W -f '${Package} ${Version}\\n' 'rocblas*'").stdout
    assert listed == f"rocblas {VERSIONS['6.4.3']}\nrocblas7.0.2 {VERSIONS['7.0.2']}\n"
    sound(quick_installed, "7.0.2")
    again = deploy(quick_installed, tmp_path, rocm_release="7.0.2", rocm_side_by_side=True)
    assert again.unchanged, again.said

    back = deploy(quick_installed, tmp_path, rocm_release="6.4.3", rocm_side_by_side=True)
    assert back.status == 0, back.said
    sound(quick_installed, "6.4.3")
    assert len(quick_installed.ssh("ls -d /opt/rocm-*").stdout.split()) == 2

    alone = deploy(quick_installed, tmp_path, rocm_release="6.4.3")
    assert alone.status == 0, alone.said
    healthy(quick_installed, "6.4.3")


def test_sources_that_a_power_cut_has_left_being_tried_are_forgotten_by_the_next_run(
    quick_installed: Box, tmp_path: Path
) -> None:
    quick_installed.ssh("install -d /var/lib/regraft/apt/etc")
    healed = deploy(quick_installed, tmp_path)
    assert healed.status == 0, healed.said
    assert quick_installed.ssh("ls /var/lib/regraft/apt", check=False).returncode
    assert deploy(quick_installed, tmp_path).unchanged


def test_what_was_damaged_by_hand_is_put_right_again(
    quick_installed: Box, made: Amd, mirror_address: str, tmp_path: Path
) -> None:
    quick_installed.ssh("echo '# x' >>/etc/apt/preferences.d/regraft-amd; apt-mark unhold rocblas")
    quick_installed.ssh(
        "apt-get -y --allow-change-held-packages remove hipfft; gpasswd -d user render"
    )
    # a guide's own source for the same repository, with another key: apt refuses both
    guide = f"deb [signed-by=/etc/apt/keyrings/rocm.gpg] {mirror_address}/rocm/apt/6.4.3 noble main"
    quick_installed.ssh(f"echo '{guide}' >/etc/apt/sources.list.d/rocm.list")
    repaired = deploy(quick_installed, tmp_path)
    assert repaired.status == 0, repaired.said
    healthy(quick_installed, "6.4.3")
    assert deploy(quick_installed, tmp_path).unchanged


def test_a_box_of_guides_and_amds_installer_becomes_ours_with_an_account_of_its_own(
    listed: Box, mirror: Mirror, tmp_path: Path
) -> None:
    sources = "/etc/apt/sources.list.d/rocm.list"
    listed.ssh(
        f"{DEB} deb amdgpu-install 30.10.2 'touch {sources}'; dpkg -i /tmp/amdgpu-install.deb"
    )
    listed.ssh(f"echo 'deb http://nowhere.invalid/rocm/apt/6.4.3 noble main' >{sources}")
    asked = {"rocm_profile": "full", "gpu_user": "miner", "rocm_user_create": True}
    asked["upstream_cache"] = str(tmp_path / "cache")  # which has nothing yet
    earlier = len(mirror.requests)
    outcome = deploy(listed, tmp_path, rocm_hold_kernel=True, **asked)
    assert outcome.status == 0, outcome.said
    fetched = [one.path.rpartition("/")[2] for one in mirror.requests[earlier:]]
    last = [one for one in fetched if one.endswith(".deb")][-1]
    assert fetched.index(FILE) < fetched.index(last)  # beside ROCm, not after it
    assert listed.ssh(f"ls {sources}", check=False).returncode
    assert "amdgpu-install" not in listed.ssh("dpkg-query -W -f '${Package}\\n'").stdout
    held = listed.ssh("apt-mark showhold").stdout.split()
    assert {"linux-image-cloud-amd64", "rocm", "rocblas"} <= set(held)
    assert {"render", "video"} <= set(listed.ssh("id -nG miner").stdout.split())
    assert listed.ssh("readlink -f /opt/rocm").stdout == "/opt/rocm-6.4.3\n"
    assert deploy(listed, tmp_path, rocm_hold_kernel=True, **asked).unchanged
