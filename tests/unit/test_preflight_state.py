"""What a box's tools print becomes a State; what they do not print is no reason to guess."""

from __future__ import annotations

import pytest
from pyinfra.api import FactProcessError

from roles.preflight.facts import BoxState
from roles.preflight.probes import probes
from roles.preflight.state import Disk, Lock, Package, Reach, State, state

ANSWERS = {
    "system": 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\n# a comment',
    "machine": "6.8.0-60-generic x86_64\n0\nnone",
    "kernel line": "root=LABEL=x quiet iommu=pt",
    "memory": "MemTotal:       32768 kB",
    "disk": "File Avail Mounted on\n/opt/.  50 /\n/usr/. 50 /\n/tmp/.  8 /data disk\n/boot/.  - /b",
    "efi": "efi\n   6   0   0   0   1",
    "reboot": "*** System restart required ***",
    "dpkg": "",
    "apt": "W: a warning is none of ours\nE: Unmet dependencies.",
    "locks": "/var/lib/dpkg/lock-frontend\t4711\t/usr/bin/unattended-upgrade ",
    "packages": "install\tinstalled\tbash\t5.2\ninstall\tinstalled\trocminfo\t5.7.1-3build1\n"
    "no tabs here\ndeinstall\tconfig-files\thipcc\t5.7.1-3\n"
    "install\thalf-installed\trocblas\t4.4.1.60403-128~24.04",
    "opt": "owned /opt/rocm-6.4.3\nloose /opt/rocm-6.2.0",
    "amd sources": "/etc/apt/sources.list.d/rocm.list",
    "user": "me:x:1000:1000::/home/me:/bin/bash\nme render",
    "environment": "",
    "conda": "",
    "iommu": "dmar0",
    "fans": "/sys/class/hwmon/hwmon1/fan1_input:900\n/sys/class/hwmon/hwmon1/fan2_input:",
    "kernel log": "[    1.0] amdgpu 0000:03:00.0: PCIE atomic ops is not supported",
    "reach": "amd-rocm\thttp://a/b\t200\napt-source\thttp://c\tcurl: (6) no such host 000",
}


def lines(**changes: str) -> list[str]:
    answers = ANSWERS | {name.replace("_", " "): text for name, text in changes.items()}
    return "\n".join(f"\n@@look {name}\n{text}" for name, text in answers.items()).split("\n")


def test_every_question_is_answered_in_the_sample() -> None:
    assert set(ANSWERS) == set(probes("", {}))


def test_a_box_is_read_whole() -> None:
    assert state(lines()) == State(
        release={"ID": "ubuntu", "VERSION_ID": "24.04", "PRETTY_NAME": "Ubuntu 24.04.3 LTS"},
        architecture="x86_64",
        kernel="6.8.0-60-generic",
        root=True,
        virtual="none",
        kernel_line=("root=LABEL=x", "quiet", "iommu=pt"),
        memory_bytes=32 * 2**20,
        disks=(Disk("/opt", 50, "/"), Disk("/usr", 50, "/"), Disk("/tmp", 8, "/data disk")),
        efi=True,
        secure_boot=True,
        reboot_required=True,
        dpkg_audit=(),
        stuck=(Package("rocblas", "4.4.1.60403-128~24.04", False),),
        apt_check=("E: Unmet dependencies.",),
        locks=(Lock("/var/lib/dpkg/lock-frontend", 4711, "/usr/bin/unattended-upgrade"),),
        packages=(
            Package("rocminfo", "5.7.1-3build1", True),
            Package("hipcc", "5.7.1-3", False),
        ),
        opt=(("owned", "/opt/rocm-6.4.3"), ("loose", "/opt/rocm-6.2.0")),
        amd_sources=("/etc/apt/sources.list.d/rocm.list",),
        user="me",
        user_exists=True,
        user_groups=("me", "render"),
        environment=(),
        conda=(),
        iommu=True,
        fans=(("/sys/class/hwmon/hwmon1/fan1_input", 900),),
        kernel_log=("[    1.0] amdgpu 0000:03:00.0: PCIE atomic ops is not supported",),
        reaches=(
            Reach("amd-rocm", "http://a/b", "200"),
            Reach("apt-source", "http://c", "curl: (6) no such host 000"),
        ),
    )


def test_an_account_that_does_not_exist_has_no_groups() -> None:
    found = state(lines(user="ghost\n"))
    assert (found.user, found.user_exists, found.user_groups) == ("ghost", False, ())


def test_firmware_that_does_not_say_leaves_secure_boot_unknown() -> None:
    assert state(lines(efi="efi")).secure_boot is None
    assert state(lines(efi="")).efi is False


def test_no_iommu_folder_is_no_iommu() -> None:
    assert state(lines(iommu="")).iommu is False


@pytest.mark.parametrize("output", [["nonsense"], [], ["@@look system", "PRETTY_NAME='unclosed"]])
def test_an_answer_that_cannot_be_read_fails_this_box_and_not_the_run(output: list[str]) -> None:
    with pytest.raises(FactProcessError, match="cannot read the box"):
        BoxState().process(output)


def test_a_users_odd_name_and_address_reach_the_shell_unharmed() -> None:
    asked = probes("o'brien; rm", {"amd-rocm": "http://x/$(id)"})
    assert asked["user"].startswith("user='o'\"'\"'brien; rm'\n")
    assert "upstreams='amd-rocm http://x/$(id)'" in asked["reach"]
