"""What PCI and the sensors tell of a card: its BAR, its slot's link, its temperatures."""

from __future__ import annotations

from pathlib import Path

import pytest

from roles.gpu.card import LinkState
from tests.unit.fixtures.gpu_boxes import (
    AMDGPU,
    BAR_32_GIB,
    DOORBELLS,
    GIB,
    HWMON,
    MI50_IDS,
    MI50_VRAM,
    NO_BAR,
    Box,
    card,
    hwmon,
    link_files,
    only,
    resource,
    switch_port,
)

SMALL_BAR = "0x00000000e0000000 0x00000000efffffff 0x000000000014220c"
REGISTERS = "0x00000000fcd00000 0x00000000fcd7ffff 0x0000000000040200"
UNASSIGNED_BAR = "0x0000000000000000 0x00000007ffffffff 0x000000002014220c"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "a root with spaces")


@pytest.mark.parametrize(
    ("bars", "expected", "small"),
    [
        ((BAR_32_GIB, NO_BAR, DOORBELLS), 32 * GIB, False),
        ((SMALL_BAR, NO_BAR, DOORBELLS, NO_BAR, NO_BAR, REGISTERS), 256 << 20, True),
        ((UNASSIGNED_BAR, NO_BAR, NO_BAR, NO_BAR, NO_BAR, REGISTERS), 0, True),
        ((NO_BAR, NO_BAR, NO_BAR, NO_BAR, NO_BAR, NO_BAR, BAR_32_GIB), 0, True),
        (("garbage", "0x1", "0x2 0x1 0x220c"), 0, True),
    ],
    ids=["whole", "small", "unassigned", "only a bridge window", "garbage"],
)
def test_the_bar_is_measured_against_the_vram(
    box: Box, bars: tuple[str, ...], expected: int, small: bool
) -> None:
    box.function("0000:03:00.0", MI50_IDS, AMDGPU, resource(*bars))
    found = only(box.look())
    assert found.bar_bytes == expected
    assert found.bar_smaller_than_vram is small


def test_a_bar_or_vram_that_is_unknown_is_not_called_small() -> None:
    assert not card(bar_bytes=None, vram_bytes=MI50_VRAM).bar_smaller_than_vram
    assert not card(bar_bytes=0, vram_bytes=None).bar_smaller_than_vram


@pytest.mark.parametrize(
    ("vendor", "upstream", "downstream"),
    [
        ("0x1002", "0x14a0", "0x14a1"),
        ("0x1022", "0x1470", "0x1471"),
        ("0x1002", "0x1478", "0x1479"),
    ],
    ids=["Vega 20", "Vega 10", "Navi"],
)
def test_the_link_is_the_slots_and_not_the_one_inside_the_board(
    box: Box, vendor: str, upstream: str, downstream: str
) -> None:
    full, slot = link_files("16.0 GT/s PCIe", 16), link_files("8 GT/s", 4)
    path = "0000:00:03.1"
    box.function(path, switch_port("0x1483", "0x1022"), link_files("2.5 GT/s PCIe", 1))
    path += "/0000:0b:00.0"
    box.function(path, switch_port(upstream, vendor), slot)
    path += "/0000:0c:00.0"
    box.function(path, switch_port(downstream, vendor), full)
    path += "/0000:0d:00.0"
    box.function(path, MI50_IDS, full)
    assert only(box.look()).link == LinkState(8.0, 4, 16.0, 16)


def test_cards_behind_a_common_bridge_both_have_their_link(box: Box) -> None:
    box.function("0000:00:01.0", switch_port("0x8747", "0x10b5"))
    for bus in ("03", "06"):
        upstream = f"0000:00:01.0/0000:{bus}:00.0"
        box.function(upstream, switch_port("0x14a0"), link_files("8.0 GT/s PCIe", 8))
        box.function(f"{upstream}/0000:{bus}:01.0", MI50_IDS, link_files("16.0 GT/s PCIe", 16))
    assert [each.link and each.link.width for each in box.look().cards] == [8, 8]


def test_a_link_that_the_kernel_calls_unknown_is_unknown(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, link_files("Unknown", 0))
    assert only(box.look()).link is None


def test_files_that_do_not_open_leave_their_answers_out(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, hwmon(3, HWMON))
    folder = box.root / "sys/bus/pci/devices/0000:03:00.0"
    (folder / "vbios_version").symlink_to("nowhere")
    (folder / "resource").mkdir()
    (folder / "hwmon/hwmon3/temp1_input").unlink()
    found = only(box.look())
    assert (found.vbios, found.bar_bytes) == (None, None)
    assert [each.label for each in found.temperatures] == ["junction"]


def test_sensors_of_another_driver_are_not_the_cards(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, hwmon(1, {**HWMON, "name": "nouveau"}))
    assert only(box.look()).temperatures == ()


def test_a_sensor_without_a_label_is_called_by_its_file(box: Box) -> None:
    files = {"name": "amdgpu", "temp10_input": "41000", "temp2_input": "40000", "fan1_input": "0"}
    box.function("0000:03:00.0", MI50_IDS, hwmon(0, files))
    found = only(box.look())
    assert [each.label for each in found.temperatures] == ["temp2", "temp10"]
    assert found.fan_rpm == 0
