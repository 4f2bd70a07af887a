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

from .fixtures.state import GIB, HEALTHY, MI50


def findings(state: State, *cards: Card, settings: Settings | None = None) -> dict[str, Finding]:
    found = judge(state, Gpus(cards=cards), settings or Settings(), "gfx906")
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
    "a disk that is getting full": ({"disks": (Disk("/", 9 * GIB),)}, "space", "warning"),
    "a full disk": ({"disks": (Disk("/", 2**20),)}, "space", "stop"),
    "a full /boot": (
        {"disks": (Disk("/", 200 * GIB), Disk("/boot", 2**20))},
        "space",
        "stop",
    ),
    "little memory": ({"memory_bytes": 4 * GIB}, "memory", "note"),
    "a reboot that is due": ({"reboot_required": True}, "reboot", "warning"),
    "half-done packages": ({"dpkg_audit": ("foo is half-configured",)}, "dpkg", "stop"),
    "broken dependencies": ({"apt_check": ("E: Unmet dependencies.",)}, "dpkg", "stop"),
    "a held lock": (
        {"locks": (Lock("/var/lib/dpkg/lock", 4711, "unattended-upgrade"),)},
        "apt-lock",
        "stop",
    ),
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


def test_a_passive_card_in_a_box_without_a_turning_fan_gets_a_word() -> None:
    assert findings(replace(HEALTHY, fans=()), MI50)["cooling"].level == "note"


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


def test_a_finding_on_the_root_disk_counts_for_what_lies_on_it() -> None:
    assert HEALTHY.disk_of("/opt") == Disk("/", 200 * GIB)
    assert HEALTHY.disk_of("/boot") == Disk("/boot", GIB)
    assert HEALTHY.disk_of("/bootleg") == Disk("/", 200 * GIB)
