"""Judging a box, without one: a healthy box, and one thing wrong with it at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roles.finding import Finding, accept, worst
from roles.gpu.card import Card, LinkState, Temperature
from roles.gpu.gpus import Gpus
from roles.preflight.deploy import judge
from roles.preflight.settings import Settings
from roles.preflight.state import Disk, Lock, Package, Reach, State
from roles.rocm.files import SOURCES

from .fixtures.state import GIB, HEALTHY
from .fixtures.state import MI50 as PASSIVE

MI50 = replace(PASSIVE, fan_rpm=1500)  # with a fan, since without one there is always a note


def findings(state: State, *cards: Card) -> dict[str, Finding]:
    found = judge(state, Gpus(cards=cards), Settings(), "gfx906")
    return {one.code: one for one in found if one.level != "ok"}


def test_nothing_is_wrong_with_a_healthy_box() -> None:
    assert findings(HEALTHY, MI50) == {}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "not root": ({"root": False}, "root", "stop"),
    "another processor": ({"architecture": "aarch64"}, "release", "stop"),
    "Debian 12": (
        {"release": {"ID": "debian", "VERSION_ID": "12"}, "kernel": "6.1.0-41-amd64"},
        "release",
        "note",
    ),
    "the HWE kernel": ({"kernel": "6.17.0-8-generic"}, "kernel", "note"),
    "Secure Boot": ({"secure_boot": True}, "secure-boot", "note"),
    "a disk that is getting full": ({"disks": (Disk("/opt", 9 * GIB, "/"),)}, "space", "warning"),
    "a full disk": ({"disks": (Disk("/opt", 2**20, "/"),)}, "space", "stop"),
    "a small /boot": ({"disks": (Disk("/boot", GIB // 4, "/boot"),)}, "space", "warning"),
    "a full /boot": ({"disks": (Disk("/boot", 2**20, "/boot"),)}, "space", "stop"),
    "little memory": ({"memory_bytes": 4 * GIB}, "memory", "note"),
    "a reboot that is due": ({"reboot_required": True}, "reboot", "warning"),
    "half-done packages": ({"dpkg_audit": ("foo is half-configured",)}, "dpkg", "stop"),
    "broken dependencies": ({"apt_check": ("E: Unmet dependencies.",)}, "dpkg", "stop"),
    "ROCm that a power cut has left half-done": (
        {
            "dpkg_audit": ("rocblas",),
            "apt_check": ("E: dpkg was interrupted",),
            "stuck": (Package("rocblas", "4.4.1.60403-128~24.04", False),),
        },
        "dpkg",
        "warning",
    ),
    "half-done packages, of which one is not ROCm's": (
        {
            "dpkg_audit": ("foo",),
            "stuck": (
                Package("rocblas", "4.4.1.60403-128~24.04", False),
                Package("foo", "1.2", False),
            ),
        },
        "dpkg",
        "stop",
    ),
    "a guide's source that wants another key": (
        {"apt_check": ("E: Conflicting values for Signed-By: /etc/apt/keyrings/regraft-amd.asc",)},
        "dpkg",
        "warning",
    ),
    "a held lock": (
        {"locks": (Lock("/var/lib/dpkg/lock", 4711, "unattended-upgrade"),)},
        "apt-lock",
        "stop",
    ),
    "sources that apt cannot read": (
        {"apt_check": ("E: The list of sources could not be read.",)},
        "dpkg",
        "stop",
    ),
    "a driver of AMD's": (
        {"packages": (Package("amdgpu-dkms", "1:6.12.12.60403-2194681.24.04", True),)},
        "leftovers",
        "note",
    ),
    "firmware that does not say": ({"secure_boot": None}, "secure-boot", "note"),
    "nothing to ask with": ({"reaches": (Reach("a", "http://x", "cannot ask"),)}, "reach", "note"),
    "a shadow": ({"packages": (Package("hipcc", "5.7.1-3", True),)}, "shadows", "warning"),
    "a loose ROCm": ({"opt": (("loose", "/opt/rocm-6.2.0"),)}, "leftovers", "warning"),
    "AMD's installer": (
        {"packages": (Package("amdgpu-install", "6.4.60403-2194681.24.04", True),)},
        "leftovers",
        "warning",
    ),
    "an override": (
        {"environment": ("/etc/environment:1:HSA_OVERRIDE_GFX_VERSION=9.0.6",)},
        "environment",
        "warning",
    ),
    "a choice of cards": (
        {"environment": ("/etc/environment:1:ROCR_VISIBLE_DEVICES=0",)},
        "environment",
        "note",
    ),
    "conda beside": ({"conda": ("/opt/miniconda3",)}, "conda", "note"),
    "no such user": ({"user_exists": False}, "user", "warning"),
    "groups missing": ({"user_groups": ("me",)}, "user", "warning"),
    "an upstream away": (
        {"reaches": (Reach("amd-rocm", "http://x", "curl: (6) no 000"),)},
        "reach",
        "warning",
    ),
    "a web page that wants a login": (
        {"reaches": (Reach("amd-rocm", "http://x", "302"),)},
        "reach",
        "warning",
    ),
    "a slot without atomics": (
        {"kernel_log": ("PCIE atomic ops is not supported",)},
        "atomics",
        "note",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_box_is_found_alone_with_evidence_and_fix(name: str) -> None:
    change, code, level = WRONG[name]
    found = findings(replace(HEALTHY, **change), MI50)
    assert {code: level} == {one.code: one.level for one in found.values()}
    assert found[code].evidence
    assert found[code].fix or found[code].level == "note"


WRONG_CARDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no driver yet": ({"kfd_node": None, "driver": None}, "driver", "note"),
    "no compute node": ({"kfd_node": None}, "driver", "warning"),
    "passed through": ({"kfd_node": None, "driver": "vfio-pci"}, "driver", "stop"),
    "no window": ({"bar_bytes": 0}, "bar", "stop"),
    "a small window": ({"bar_bytes": 2**28}, "bar", "note"),
    "four lanes": ({"link": LinkState(8.0, 4, 16.0, 16)}, "link", "warning"),
    "eight lanes": ({"link": LinkState(8.0, 8, 16.0, 16)}, "link", "note"),
    "hot at rest": ({"temperatures": (Temperature("edge", 75, 100),)}, "cooling", "stop"),
    "at its limit at work": (
        {"busy_percent": 100, "temperatures": (Temperature("mem", 94, 94),)},
        "cooling",
        "stop",
    ),
    "a junction that alone is at its limit at work": (
        {
            "busy_percent": 99,
            "temperatures": (Temperature("edge", 58, 100), Temperature("junction", 108, 105)),
        },
        "cooling",
        "warning",
    ),
    "an address space that is not shown": ({"bar_bytes": None}, "bar", "note"),
    "a junction that alone reads high": (
        {"temperatures": (Temperature("edge", 36, 100), Temperature("junction", 86, 105))},
        "cooling",
        "warning",
    ),
}


@pytest.mark.parametrize("name", WRONG_CARDS)
def test_what_is_wrong_with_a_card_is_found_alone(name: str) -> None:
    change, code, level = WRONG_CARDS[name]
    found = findings(HEALTHY, replace(MI50, **change))
    assert {code: level} == {one.code: one.level for one in found.values()}


def test_a_link_that_sleeps_at_a_low_speed_is_not_a_bad_slot() -> None:
    asleep = replace(MI50, link=LinkState(2.5, 16, 16.0, 16))
    assert findings(HEALTHY, asleep) == {}


def test_a_warm_card_at_work_is_not_a_card_without_cooling() -> None:
    warm = tuple(Temperature(label, 82, 105) for label in ("edge", "junction", "mem"))
    assert findings(HEALTHY, replace(MI50, busy_percent=99, temperatures=warm)) == {}


def test_a_driver_that_has_tried_and_failed_shows_the_kernels_words() -> None:
    log = ("amdgpu 0000:03:00.0: probe failed with error -22", "amdgpu 0000:43:00.0: error")
    undriven = replace(MI50, kfd_node=None, driver=None)
    found = findings(replace(HEALTHY, kernel_log=log), undriven)["driver"]
    assert (found.level, found.evidence) == ("warning", log[0])


def test_a_card_passed_through_beside_one_that_is_ours_is_no_stop() -> None:
    passed = replace(MI50, pci="0000:43:00.0", kfd_node=None, driver="vfio-pci")
    assert findings(replace(HEALTHY, iommu=False), MI50, passed)["driver"].level == "note"


def test_a_served_card_between_two_requests_is_at_work() -> None:
    warm = tuple(Temperature(label, 76, 105) for label in ("edge", "junction", "mem"))
    loaded = replace(MI50, busy_percent=0, vram_used_bytes=20 * GIB, temperatures=warm)
    assert findings(HEALTHY, loaded) == {}


def test_a_fan_sensor_that_reads_nothing_is_no_fan() -> None:
    assert "no fan of its own" in findings(HEALTHY, replace(MI50, fan_rpm=0))["cooling"].said
    assert "cooling" not in findings(HEALTHY, replace(MI50, fan_rpm=1200))


def test_a_database_is_not_taken_for_rocm() -> None:
    rocks = Package("librocksdb8.9", "8.9.1-2build1", True)
    assert findings(replace(HEALTHY, packages=(rocks,)), MI50) == {}


def test_a_rocm_that_we_have_installed_is_not_left_over() -> None:
    ours = replace(HEALTHY, opt=(("owned", "/opt/rocm-6.4.3"),), amd_sources=(SOURCES,))
    assert findings(ours, MI50) == {}


def test_what_is_advised_for_a_leftover_makes_the_finding_go_away() -> None:
    loose = replace(HEALTHY, opt=(("loose", "/opt/rocm-6.2.0"),))
    assert "/opt/before-regraft-rocm-6.2.0" in findings(loose, MI50)["leftovers"].fix


def test_a_passive_card_gets_a_word_whatever_other_fans_turn() -> None:
    assert findings(HEALTHY, PASSIVE)["cooling"].level == "note"
    assert "1 other fans" in findings(HEALTHY, PASSIVE)["cooling"].evidence


def test_no_card_is_a_stop_that_names_the_cards_of_other_archs() -> None:
    other = replace(MI50, arch="gfx1030", name="Radeon RX 6800")
    found = findings(HEALTHY, other)["cards"]
    assert (found.level, "Radeon RX 6800" in found.evidence) == ("stop", True)


def test_several_cards_want_iommu_pt_only_where_an_iommu_is_active() -> None:
    second = replace(MI50, pci="0000:43:00.0", kfd_node=2)
    assert findings(HEALTHY, MI50, second)["iommu"].level == "warning"
    assert "iommu" not in findings(replace(HEALTHY, iommu=False), MI50, second)
    told = replace(HEALTHY, kernel_line=("quiet", "iommu=pt"))
    assert "iommu" not in findings(told, MI50, second)


def test_an_accepted_stop_becomes_a_warning_that_gives_the_reason() -> None:
    stop = Finding("release", "stop", "Mint 22")
    (taken,) = accept([stop], {"release": "it is noble below"})
    assert (taken.level, "it is noble below" in taken.said) == ("warning", True)
    assert accept([stop], {"cards": "another one"}) == (stop,)


def test_an_unknown_release_is_a_stop_that_names_those_that_are_known() -> None:
    unknown = replace(HEALTHY, release={"ID": "ubuntu", "VERSION_ID": "22.04"})
    found = findings(unknown, MI50)["release"]
    assert (found.level, "ubuntu 24.04, debian 12" in found.fix) == ("stop", True)


def test_the_worst_finding_decides() -> None:
    levels: Any = ("ok", "stop", "note")
    assert worst(Finding("x", level, "") for level in levels) == "stop"
    assert worst([]) == "ok"


def test_of_the_folders_on_one_disk_the_hungriest_speaks() -> None:
    disks = (Disk("/opt", 25 * GIB, "/"), Disk("/usr", 25 * GIB, "/"))
    found = findings(replace(HEALTHY, disks=disks), MI50)
    assert found["space"].evidence == "on /; wants 30 GiB"


def test_an_opt_elsewhere_is_judged_by_where_it_is() -> None:
    disks = (Disk("/opt", 900 * GIB, "/data"), Disk("/usr", 5 * GIB, "/"))
    assert findings(replace(HEALTHY, disks=disks), MI50) == {}
