"""The lab's AMD on a real box: apt, dpkg, update-alternatives and dkms judge it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from roles.gpu import rocminfo

from .amd import Amd
from .box import Box

# Debian's own lists take apt half a minute here, and rocm needs nothing of them.
OURS = "-o Dir::Etc::sourcelist=/etc/apt/sources.list.d/amd.list -o Dir::Etc::sourceparts=-"
PIN = "Package: *\\nPin: release o=repo.radeon.com\\nPin-Priority: 600\\n"


@dataclass(frozen=True)
class Served:
    amd: Amd
    address: str

    def list_on(self, box: Box, *repositories: str, key: str = "", pin: bool = True) -> None:
        """Write the sources of these, the key and AMD's pin, as the documentation has them."""
        lines = [
            f"deb [signed-by=/etc/apt/keyrings/rocm.gpg] {self.address}/{path} noble "
            + ("universe" if path == "ubuntu" else "main")
            for path in repositories
        ]
        armoured = (key or self.amd.keys.public).encode()
        box.ssh(
            "mkdir -p /etc/apt/keyrings; gpg --dearmor >/etc/apt/keyrings/rocm.gpg", stdin=armoured
        )
        box.ssh("cat >/etc/apt/sources.list.d/amd.list", stdin="\n".join([*lines, ""]).encode())
        if pin:
            box.ssh(f"printf '{PIN}' >/etc/apt/preferences.d/rocm-pin-600")


@pytest.fixture
def served(made: Amd, mirror_address: str) -> Served:
    return Served(made, mirror_address)


def install(box: Box, *packages: str) -> str:
    """What apt-get said, whether it went well or not."""
    flags = "-y -q --no-install-recommends"
    environment = "DEBIAN_FRONTEND=noninteractive"
    told = box.ssh(f"{environment} apt-get {flags} install {' '.join(packages)}", check=False)
    return told.stdout + told.stderr


def is_clean(box: Box) -> bool:
    return not box.ssh("dpkg --audit && apt-get -qq check").stdout


def test_apt_refuses_a_wrong_key_and_takes_the_right_one(listed: Box, served: Served) -> None:
    served.list_on(listed, "rocm/apt/6.4.3", key=served.amd.other_key)
    told = listed.ssh(f"apt-get {OURS} --error-on=any update", check=False)
    assert told.returncode
    assert f"NO_PUBKEY {served.amd.fingerprint[-16:]}" in told.stderr
    served.list_on(listed, "rocm/apt/6.4.3")
    listed.ssh(f"apt-get {OURS} --error-on=any update")


def test_without_the_pin_ubuntus_packages_stand_in_the_way(listed: Box, served: Served) -> None:
    served.list_on(listed, "rocm/apt/7.0.2", "ubuntu", pin=False)
    listed.ssh(f"apt-get {OURS} update")
    told = listed.ssh("apt-get -s install rocm", check=False)
    assert told.returncode
    assert "rocminfo (= 1.0.0.70002-56~24.04) but 5.7.1-3build1 is to be installed" in told.stdout
    served.list_on(listed, "rocm/apt/7.0.2", "ubuntu")
    assert "Inst rocminfo (1.0.0.70002-56~24.04" in listed.ssh("apt-get -s install rocm").stdout


def test_rocm_installs_and_its_programs_see_the_card(box: Box, served: Served) -> None:
    served.list_on(box, "rocm/apt/7.0.2", "graphics/7.0.2/ubuntu", "ubuntu")
    box.ssh(f"apt-get {OURS} update")
    assert "Setting up rocm (7.0.2.70002-56~24.04)" in install(box, "rocm")
    assert is_clean(box)
    installed = box.ssh("dpkg-query --show --showformat '${Package} ' '*dkms*' || true").stdout
    assert installed == ""
    assert box.ssh("cat /opt/rocm/.info/version").stdout == "7.0.2-56\n"
    assert "librocblas.so.5 " in box.ssh("ldconfig -p").stdout
    files = box.ssh("ls /opt/rocm-7.0.2/lib/rocblas/library").stdout
    assert "gfx906" not in files
    assert "_fallback.dat" in files
    (agent,) = rocminfo.parse(box.ssh("/opt/rocm/bin/rocminfo").stdout.splitlines()).agents[1:]
    assert (agent.name, agent.compute_units) == ("gfx906", 60)
    assert "BDF: 0010:03:00.0" in box.ssh("/opt/rocm/bin/amd-smi list").stdout
    assert "0x66a1" in box.ssh("/opt/rocm/bin/rocm-smi").stdout
    refused = box.ssh("/opt/rocm/bin/rocminfo", user="user", check=False)
    problem = rocminfo.parse(refused.stdout.splitlines()).problem
    assert refused.returncode == 1
    assert problem
    assert problem.code == "kfd-permission"


def test_two_releases_side_by_side_and_the_link_goes_with_the_last(
    listed: Box, served: Served
) -> None:
    served.list_on(listed, "rocm/apt/7.0.2", "rocm/apt/6.4.3")
    listed.ssh(f"apt-get {OURS} update")
    install(listed, "rocm-core7.0.2", "rocm-core6.4.3", "rocblas6.4.3")
    assert is_clean(listed)
    assert listed.ssh("readlink -f /opt/rocm").stdout == "/opt/rocm-7.0.2\n"
    listed.ssh("update-alternatives --set rocm /opt/rocm-6.4.3")
    assert listed.ssh("cat /opt/rocm/.info/version").stdout == "6.4.3-128\n"
    listed.ssh("update-alternatives --auto rocm && apt-get -y purge rocm-core7.0.2")
    assert listed.ssh("readlink -f /opt/rocm").stdout == "/opt/rocm-6.4.3\n"
    listed.ssh("apt-get -y purge rocm-core6.4.3")
    assert listed.ssh("ls -d /opt/rocm*", check=False).stdout == ""
