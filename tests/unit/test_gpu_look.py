"""The look at a box: the script over made-up roots, and the join of what it finds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from roles.gpu import gpus, probes
from roles.gpu.card import LinkState, Temperature
from roles.gpu.kfd import address, arch_of
from tests.unit.fixtures.gpu_boxes import (
    AMDGPU,
    BAR_32_GIB,
    CPU_NODE,
    DOORBELLS,
    GIB,
    HWMON,
    MI50_BOARD,
    MI50_IDS,
    MI50_VRAM,
    NO_BAR,
    RADEON_VII_IDS,
    RADEON_VII_VRAM,
    Box,
    ask,
    card,
    gfx906_node,
    hwmon,
    link_files,
    only,
    read,
    resource,
    switch_port,
)

ROCMINFO = (Path(__file__).parent / "fixtures/gpu/rocminfo_cpu_gpu_npu.txt").read_text()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "a root with spaces")


def test_before_any_driver_the_pci_bus_alone_gives_the_card(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, MI50_BOARD, resource(BAR_32_GIB, NO_BAR, DOORBELLS))
    assert only(box.look()) == card(
        pci="0000:03:00.0",
        device_id=0x66A1,
        subsystem_vendor_id=0x1002,
        subsystem_id=0x0834,
        revision=2,
        name="Instinct MI50 or Instinct MI60",
        arch="gfx906",
        arch_source="device_id",
        bar_bytes=32 * GIB,
    )


def test_with_the_driver_everything_is_known(box: Box) -> None:
    files = (MI50_IDS, MI50_BOARD, AMDGPU, hwmon(4, HWMON), link_files("16.0 GT/s PCIe", 16))
    box.function("0000:03:00.0", *files, resource(BAR_32_GIB), driver="amdgpu")
    box.node(0, CPU_NODE)
    box.node(1, gfx906_node(0x0300, drm_render_minor=129), [(1, MI50_VRAM)])
    assert only(box.look()) == card(
        pci="0000:03:00.0",
        subsystem_vendor_id=0x1002,
        subsystem_id=0x0834,
        revision=2,
        name="Instinct MI50 32 GB",
        arch="gfx906",
        arch_source="gfx_target_version",
        compute_units=60,
        vram_bytes=MI50_VRAM,
        vram_used_bytes=10850304,
        vbios="113-D1631700-111",
        bar_bytes=32 * GIB,
        link=LinkState(16.0, 16, 16.0, 16),
        temperatures=(Temperature("edge", 33.0, 100.0), Temperature("junction", 35.5, None)),
        power_watts=19.0,
        power_cap_watts=178.0,
        power_cap_max_watts=225.0,
        busy_percent=3,
        render_node="/dev/dri/renderD129",
        kfd_node=1,
        driver="amdgpu",
        numa_node=1,
        unique_id="3cc2512173497dfb",
    )


def test_cards_are_joined_by_address_though_both_sides_count_in_another_order(box: Box) -> None:
    box.function("0000:03:00.0", RADEON_VII_IDS, {"vbios_version": "113-D3600200-106"})
    box.function("0000:44:00.0", MI50_IDS, {"vbios_version": "113-D1631700-111"})
    box.node(1, gfx906_node(0x4400, drm_render_minor=129), [(1, MI50_VRAM)])
    box.node(2, gfx906_node(0x0300, device=0x66AF), [(1, RADEON_VII_VRAM)])
    seven, mi50 = box.look().cards
    assert (seven.pci, seven.kfd_node, seven.vbios) == ("0000:03:00.0", 2, "113-D3600200-106")
    assert (mi50.pci, mi50.kfd_node, mi50.vbios) == ("0000:44:00.0", 1, "113-D1631700-111")
    assert (seven.name, mi50.name) == ("Radeon VII", "Instinct MI50 32 GB")


def test_two_cards_of_one_kind_keep_their_own_sensors(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, hwmon(7, HWMON))
    box.function("0000:04:00.0", MI50_IDS, hwmon(2, {**HWMON, "temp1_input": "90000"}))
    cool, hot = box.look().cards
    assert (cool.temperatures[0].celsius, hot.temperatures[0].celsius) == (33.0, 90.0)


def test_the_domain_is_part_of_the_address(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS)
    box.function("0001:03:00.0", MI50_IDS)
    box.node(1, gfx906_node(0x0300, domain=1))
    assert [(each.pci, each.kfd_node) for each in box.look().cards] == [
        ("0000:03:00.0", None),
        ("0001:03:00.0", 1),
    ]


def test_a_node_whose_pci_function_is_not_seen_is_still_a_card(box: Box) -> None:
    box.node(1, gfx906_node(0x4400), [(1, MI50_VRAM)])
    found = only(box.look())
    assert (found.pci, found.vendor_id, found.device_id) == ("0000:44:00.0", 0x1002, 0x66A1)
    assert (found.driver, found.link, found.bar_bytes) == (None, None, None)
    assert found.unique_id == "0e54792172da5eeb"


def test_partitions_with_one_address_are_all_listed(box: Box) -> None:
    box.function("0000:19:00.0", MI50_IDS)
    box.node(1, gfx906_node(0x1900))
    box.node(2, gfx906_node(0x1900 | 1 << 28, drm_render_minor=129))
    assert [(each.pci, each.kfd_node) for each in box.look().cards] == [
        ("0000:19:00.0", 1),
        ("0000:19:00.0", 2),
    ]


def test_an_old_kernel_without_target_version_and_domain_is_read_by_device_id(box: Box) -> None:
    properties = gfx906_node(0x1900, device=0x6860, local_mem_size=RADEON_VII_VRAM)
    for newer in ("gfx_target_version", "domain"):
        del properties[newer]
    box.node(1, properties)
    found = only(box.look())
    assert (found.arch, found.arch_source, found.pci) == ("gfx900", "device_id", "0000:19:00.0")
    assert found.vram_bytes == RADEON_VII_VRAM


def test_the_target_version_is_believed_and_not_the_device_id(box: Box) -> None:
    box.function("0000:03:00.0", {**MI50_IDS, "device": "0x687f"})
    box.node(1, gfx906_node(0x0300, device=0x687F))
    assert only(box.look()).arch == "gfx906"


def test_vram_is_the_sum_of_the_banks_and_not_of_other_heaps(box: Box) -> None:
    box.node(1, gfx906_node(0x0300), [(0, 64 * GIB), (1, 2 * GIB), (2, 14 * GIB), (4, GIB)])
    assert only(box.look()).vram_bytes == 16 * GIB


def test_vram_without_banks_comes_from_the_driver_though_local_memory_is_zero(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, AMDGPU)
    box.node(1, gfx906_node(0x0300, local_mem_size=0))
    assert only(box.look()).vram_bytes == MI50_VRAM


def test_vram_that_nobody_tells_is_unknown_and_not_zero(box: Box) -> None:
    box.node(1, gfx906_node(0x0300, local_mem_size=0))
    assert only(box.look()).vram_bytes is None


def test_a_processors_own_graphics_beside_the_card_are_a_card_too(box: Box) -> None:
    graphics = {**RADEON_VII_IDS, "device": "0x164e"}
    box.function("0000:03:00.0", MI50_IDS, driver="vfio-pci")
    box.function("0000:0e:00.0", graphics, driver="amdgpu")
    box.node(0, CPU_NODE)
    box.node(1, gfx906_node(0x0E00, device=0x164E, gfx_target_version=100306, simd_per_cu=2))
    mi50, own = box.look().cards
    assert (mi50.kfd_node, mi50.driver) == (None, "vfio-pci")
    assert (own.name, own.arch, own.kfd_node) == ("Raphael graphics", "gfx1036", 1)


def test_what_is_no_amd_display_or_accelerator_is_no_card(box: Box) -> None:
    box.function("0000:01:00.0", {**RADEON_VII_IDS, "vendor": "0x10de"})
    box.function("0000:03:00.1", {**RADEON_VII_IDS, "class": "0x040300"})
    box.function("0000:04:00.0", switch_port("0x14a0"))
    box.node(0, CPU_NODE)
    assert box.look().cards == ()


def test_an_accelerator_without_display_is_a_card(box: Box) -> None:
    box.function("0000:0a:00.0", {**MI50_IDS, "device": "0x740f", "class": "0x120000"})
    assert only(box.look()).name == "Instinct MI210"


def test_a_box_without_anything_has_no_cards(box: Box) -> None:
    assert box.look() == gpus.Gpus()


def test_the_compute_device_is_seen(box: Box) -> None:
    (box.root / "dev").mkdir()
    (box.root / "dev/kfd").touch()
    assert box.look().has_kfd_device


def test_rocminfo_is_joined_by_address_and_the_drivers_own_number(box: Box) -> None:
    box.node(1, gfx906_node(0x0300))
    box.node(2, gfx906_node(0x0300, domain=1))
    output = f"{box.output()}\n@@look rocminfo\n{ROCMINFO}"
    first, second = read(output).cards
    assert first.isas[0] == "amdgcn-amd-amdhsa--gfx906:sramecc+:xnack-"
    assert second.isas == ()


def test_a_box_without_rocminfo_and_one_where_it_is_silent_differ() -> None:
    assert read("@@look rocminfo\n").rocminfo is None
    silent = read("@@look rocminfo\n\nrocminfo: exit status 0\n").rocminfo
    assert silent is not None
    assert silent.problem is not None
    assert silent.problem.code == "empty"


def test_rocminfo_is_found_on_the_path_and_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "rocminfo"
    program.write_text(
        "#!/bin/sh\necho 'ROCk module is NOT loaded, possibly no GPU devices'\nexit 255\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    found = read(ask({"rocminfo": probes.live()["rocminfo"]})).rocminfo
    assert found is not None
    assert found.problem is not None
    assert found.problem.code == "module-not-loaded"


def test_a_captured_tree_never_has_its_rocminfo_run() -> None:
    assert "rocminfo" not in probes.captured("/some/root", "/some/root/topology")


def test_random_bytes_in_every_file_leave_a_card_of_which_little_is_known(box: Box) -> None:
    box.function("0000:03:00.0", MI50_IDS, AMDGPU, hwmon(0, HWMON), resource(BAR_32_GIB))
    box.node(1, gfx906_node(0x0300), [(1, MI50_VRAM)])
    noise = random.Random(0)
    files = [path for path in box.root.rglob("*") if path.is_file()]
    for path in files:
        if path.name not in ("vendor", "class"):
            path.write_bytes(noise.randbytes(300))
    found = only(box.look())
    assert (found.pci, found.kfd_node, found.vram_bytes) == ("0000:03:00.0", None, None)


@pytest.mark.parametrize("value", ["", "-1", "0x", "9" * 5000, "1e3", "٣", "2147483648 7"])
def test_a_number_that_is_none_is_not_believed(box: Box, value: str) -> None:
    names = ("mem_info_vram_total", "revision", "current_link_width", "numa_node", "unique_id")
    box.function("0000:03:00.0", MI50_IDS, dict.fromkeys(names, value))
    box.function("0000:04:00.0", {**MI50_IDS, "class": value})
    node = "\n".join(f"{key} {value}" for key in gfx906_node(0x0300))
    box.node(1, {f"{node}\nsimd_count": 240})
    found = only(box.look())
    assert (found.pci, found.numa_node, found.link) == ("0000:03:00.0", None, None)


@pytest.mark.parametrize(
    ("version", "expected"),
    [(90006, "gfx906"), (90010, "gfx90a"), (90402, "gfx942"), (110501, "gfx1151"), (0, None)],
)
def test_the_target_version_prints_minor_and_step_as_hex(
    version: int, expected: str | None
) -> None:
    assert arch_of(version) == expected


def test_an_address_is_printed_as_lspci_prints_it() -> None:
    assert address(0, 17408) == "0000:44:00.0"
    assert address(16, 0x1FFF) == "0010:1f:1f.7"
