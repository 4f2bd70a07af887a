"""roles/rocm on real boxes, from the lab's AMD: there and back again, and all that may go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import card
from .amd import Amd
from .box import Box
from .broken import DEB, LOCKED
from .lab import Lab, plug
from .looks import cards
from .mirror import Mirror, Missing, Refused, Truncated, WrongBytes
from .runs import Outcome, run

MI50 = "deploy/mi50.py"
VERSIONS = {"6.4.3": "4.4.1.60403-128~24.04", "7.0.2": "5.0.2.70002-56~24.04"}

# Whatever a failed run must leave alone: packages, their states and holds, apt's configuration,
# and the trees that packages write to.
AS_IT_WAS = (
    "dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'; "
    "find /etc /opt /usr/share /var/lib/dpkg/info /var/lib/dpkg/alternatives "
    "-printf '%p %y %m %u %s %l\\n' | sort; sha256sum $(find /etc -type f)"
)


@pytest.fixture(scope="module")
def listed_box(lab: Lab) -> Iterator[Box]:
    """A box that has fetched the distribution's lists, which takes long and is always the same."""
    box = lab.box("listed")
    box.ssh("apt-get update -q")
    box.snapshot("listed")
    yield box
    box.remove()


@pytest.fixture
def listed(listed_box: Box, mirror: Mirror) -> Iterator[Box]:
    """The same, as new, before a mirror that behaves again afterwards."""
    listed_box.restore("listed")
    yield listed_box
    mirror.behave()


@pytest.fixture(scope="module")
def installed_box(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box with ROCm 6.4.3, by one run over a fresh one."""
    box = lab.box("installed")
    outcome = run(MI50, box, reports=tmp_path_factory.mktemp("reports"))
    assert outcome.status == 0, outcome.said
    box.snapshot("installed")
    yield box
    box.remove()


@pytest.fixture
def installed(installed_box: Box, mirror: Mirror) -> Iterator[Box]:
    """The same, as it was after that run."""
    installed_box.restore("installed")
    yield installed_box
    mirror.behave()


def deploy(box: Box, reports: Path, **settings: object) -> Outcome:
    data = [
        word
        for name, value in settings.items()
        for word in ("--data", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    ]
    return run(MI50, box, reports=reports, arguments=tuple(data))


def healthy(box: Box, release: str) -> None:
    """What must be true of a box with this release, whichever way it came to it."""
    assert box.ssh("dpkg --audit; apt-get -qq check").stdout == ""
    assert box.ssh("readlink -f /opt/rocm").stdout == f"/opt/rocm-{release}\n"
    assert box.ssh("dpkg-query -W -f '${Version}' rocblas").stdout == VERSIONS[release]
    foreign = "dpkg-query -W -f '${Version}\\n' | grep -cE '[.](60403|70002)-'; true"
    assert int(box.ssh(foreign).stdout) == len(box.ssh("apt-mark showhold").stdout.split())
    assert len(box.ssh("ls -d /opt/rocm-*").stdout.split()) == 1
    isas = [isa for one in cards(box).cards for isa in one.isas]
    assert any("gfx906" in isa for isa in isas)
    assert box.ssh("sh -lc 'command -v rocminfo; exec 3<>/dev/kfd'", user="user").stdout


def test_a_run_over_a_box_that_has_it_changes_nothing(installed: Box, tmp_path: Path) -> None:
    healthy(installed, "6.4.3")
    outcome = run(MI50, installed, reports=tmp_path, arguments=("-vv",))
    assert outcome.unchanged, outcome.said
    assert outcome.commands <= 2 + 4  # of gpu and preflight, and of this role


def test_a_release_switch_goes_there_and_back_in_a_run_each(installed: Box, tmp_path: Path) -> None:
    for release in ("7.0.2", "6.4.3"):
        there = deploy(installed, tmp_path, rocm_release=release)
        assert there.status == 0, there.said
        healthy(installed, release)
        again = deploy(installed, tmp_path, rocm_release=release)
        assert again.unchanged, again.said
    installed.reboot()
    healthy(installed, "6.4.3")
    assert deploy(installed, tmp_path).unchanged


def test_what_was_damaged_by_hand_is_put_right_again(installed: Box, tmp_path: Path) -> None:
    installed.ssh("echo '# x' >>/etc/apt/preferences.d/regraft-amd; apt-mark unhold rocblas")
    installed.ssh("apt-get -y --allow-change-held-packages remove hipfft; gpasswd -d user render")
    assert deploy(installed, tmp_path).status == 0
    healthy(installed, "6.4.3")
    assert deploy(installed, tmp_path).unchanged


def test_leftovers_of_amds_installer_are_replaced(listed: Box, tmp_path: Path) -> None:
    sources = "/etc/apt/sources.list.d/rocm.list"
    listed.ssh(f"echo 'deb http://nowhere.invalid/rocm/apt/6.4.3 noble main' >{sources}")
    assert deploy(listed, tmp_path).status == 0
    assert listed.ssh(f"ls {sources}", check=False).returncode
    healthy(listed, "6.4.3")


def refused(box: Box, reports: Path, *words: str, **settings: object) -> None:
    """It stops with these words, and the box is as it was."""
    before = box.ssh(AS_IT_WAS).stdout
    outcome = deploy(box, reports, **settings)
    assert outcome.status == 1
    said = " ".join(outcome.said.split())
    assert [word for word in words if word not in said] == [], outcome.said
    assert "Traceback" not in outcome.said
    assert box.ssh(AS_IT_WAS).stdout == before


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


def test_an_install_that_would_remove_someone_elses_package_is_refused(
    listed: Box, tmp_path: Path
) -> None:
    listed.ssh(f"{DEB} deb precious 1 '' 'Conflicts: rocblas'; dpkg -i /tmp/precious.deb")
    outcome = deploy(listed, tmp_path)
    assert outcome.status == 1
    assert "it would remove packages that are not ROCm's: precious" in outcome.said
    assert listed.ssh("dpkg-query -W -f '${Version}' precious").stdout == "1"
    assert no_rocm(listed)


def test_a_held_lock_stops_before_anything_is_changed(listed: Box, tmp_path: Path) -> None:
    listed.ssh(LOCKED)
    refused(listed, tmp_path, "another program holds the package lock", "tail --pid=")


def test_a_full_disk_stops_before_anything_is_changed(listed: Box, tmp_path: Path) -> None:
    listed.ssh("fallocate -l $(($(df --output=avail -B1 / | tail -1) - 200000000)) /var/full")
    refused(listed, tmp_path, "GiB free for /opt")


def test_a_package_that_arrives_damaged_is_not_installed_and_comes_later(
    listed: Box, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.misbehave("*/rocminfo_*.deb", WrongBytes(300))
    mirror.misbehave("*/rocblas_*.deb", Truncated(500))
    outcome = deploy(listed, tmp_path)
    assert outcome.status == 1
    assert "rocminfo" in outcome.said
    assert "rocblas" in outcome.said
    assert no_rocm(listed)
    mirror.behave()
    assert deploy(listed, tmp_path).status == 0
    healthy(listed, "6.4.3")


def test_a_mirror_that_goes_away_during_a_switch_leaves_the_old_release(
    installed: Box, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.misbehave("rocm/apt/7.0.2/*/rocsolver_*.deb", Missing())
    outcome = deploy(installed, tmp_path, rocm_release="7.0.2")
    assert outcome.status == 1
    assert "rocsolver" in outcome.said
    assert installed.ssh("dpkg-query -W -f '${Version}' rocblas").stdout == VERSIONS["6.4.3"]
    assert installed.ssh("dpkg --audit; apt-get -qq check").stdout == ""


def test_amds_driver_that_does_not_build_says_why_and_one_that_does_drives_the_card(
    listed: Box, tmp_path: Path
) -> None:
    plug(listed, card.tree("mi50"), driver=False)
    listed.ssh("touch /usr/lib/regraft-lab/kernel-too-new")
    failed = deploy(listed, tmp_path, rocm_driver="dkms")
    assert failed.status == 1
    assert f"does not build on kernel {listed.image.kernel}" in failed.said
    assert "'const struct drm_driver' has no member named 'date'" in failed.said
    assert "rocm_driver = 'auto'" in failed.said
    assert listed.ssh("dpkg --audit; apt-get -qq check").stdout == ""

    listed.ssh("rm /usr/lib/regraft-lab/kernel-too-new")
    built = deploy(listed, tmp_path, rocm_driver="dkms")
    assert built.status == 0, built.said
    assert "installed" in listed.ssh("dkms status amdgpu").stdout
    assert "updates/dkms" in listed.ssh("modinfo -n amdgpu").stdout
    assert cards(listed).cards[0].kfd_node == 1
    assert deploy(listed, tmp_path, rocm_driver="dkms").unchanged


def no_rocm(box: Box) -> bool:
    """Whether no package of AMD's is there, in whole or in part, and apt is well."""
    listed = "dpkg-query -W -f '${Package} ${Version}\\n' | grep -E '[.]60403-'"
    found = box.ssh(listed, check=False)
    return found.stdout + box.ssh("dpkg --audit; apt-get -qq check").stdout == ""
