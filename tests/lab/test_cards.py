"""The stand-in cards in a real kernel, as roles/gpu sees them before and with the driver."""

from __future__ import annotations

import re

import pytest

from . import card
from .box import Box
from .lab import plug
from .looks import cards

GIB = 2**30

# what is in each box, by address: address, arch, compute units, memory in GiB, name
EXPECTED = {
    "mi50": [("0010:03:00.0", "gfx906", 60, 32, "Instinct MI50 32 GB")],
    "mi50-16gb": [("0010:03:00.0", "gfx906", 60, 16, "Instinct MI50 16 GB")],
    "radeon-vii": [("0010:03:00.0", "gfx906", 60, 16, "Radeon VII")],
    "two-mi50": [
        ("0010:03:00.0", "gfx906", 60, 32, "Instinct MI50 32 GB"),
        ("0010:43:00.0", "gfx906", 60, 32, "Instinct MI50 32 GB"),
    ],
    "mi50-and-gfx1030": [
        ("0010:03:00.0", "gfx1030", 60, 16, "Radeon RX 6800 or 6900"),
        ("0010:43:00.0", "gfx906", 60, 32, "Instinct MI50 32 GB"),
    ],
    "none": [],
}


def test_every_box_file_is_expected_here() -> None:
    assert set(EXPECTED) == set(card.names())


@pytest.mark.parametrize("name", EXPECTED)
def test_each_box_of_cards_is_seen_as_what_it_is(box: Box, name: str) -> None:
    plug(box, card.tree(name))
    seen = [
        (one.pci, one.arch, one.compute_units, round((one.vram_bytes or 0) / GIB), one.name)
        for one in cards(box).cards
    ]
    assert seen == EXPECTED[name]


def test_a_driven_card_shows_all_that_a_report_needs(box: Box) -> None:
    (one,) = cards(box).cards
    assert one.driver == "amdgpu"
    assert one.arch_source == "gfx_target_version"
    assert one.render_node == "/dev/dri/renderD128"
    assert one.vbios == "113-D1631700-111"
    assert one.bar_bytes == 32 * GIB
    assert [(t.label, t.celsius) for t in one.temperatures] == [
        ("edge", 36),
        ("junction", 38),
        ("mem", 35),
    ]
    assert one.power_cap_watts == 225
    assert one.fan_rpm is None
    assert one.link is not None
    assert (one.link.width, one.link.speed_gts) == (16, 16)


def test_before_the_driver_the_card_is_known_by_its_ids(box: Box) -> None:
    plug(box, card.tree("mi50"), driver=False)
    (one,) = cards(box).cards
    assert (one.device_id, one.arch, one.arch_source) == (0x66A1, "gfx906", "device_id")
    assert (one.kfd_node, one.driver, one.compute_units) == (None, None, None)
    assert box.ssh("ls /dev/kfd", check=False).returncode


def test_the_slots_own_link_is_told_and_not_the_boards_inner_one(box: Box) -> None:
    plug(box, card.tree("mi50", link_width=4))
    (one,) = cards(box).cards
    assert one.link is not None
    assert (one.link.width, one.link.max_width) == (4, 16)
    inner = box.ssh("cat /sys/bus/pci/devices/0010:03:00.0/current_link_width").stdout
    assert inner == "16\n"


def test_only_members_of_render_may_open_the_card(box: Box) -> None:
    opening = "sg render -c 'exec 3<>/dev/kfd'"
    assert box.ssh("exec 3<>/dev/kfd", user="user", check=False).returncode
    box.ssh("usermod -aG render user")
    assert box.ssh(opening, user="user", check=False).returncode == 0


def test_a_card_loses_its_power_cap_with_the_driver_as_a_real_one_does(box: Box) -> None:
    cap = "/sys/bus/pci/devices/0010:03:00.0/hwmon/hwmon*/power1_cap"
    box.ssh(f"echo 150000000 > $(echo {cap})")
    assert cards(box).cards[0].power_cap_watts == 150
    plug(box, card.tree("mi50"))
    assert cards(box).cards[0].power_cap_watts == 225


def test_plugging_cards_in_and_out_leaves_the_kernel_calm(box: Box) -> None:
    for name in card.names() * 2:
        plug(box, card.tree(name))
    log = box.ssh("dmesg").stdout.splitlines()
    for number, line in enumerate(log):
        about = "\n".join(log[max(0, number - 20) : number + 20])
        assert not re.search("WARNING|Call Trace", line), about
