"""What the stand-in's modules are told of a box's cards, without a machine to tell it to."""

import pytest

from tests.lab import card
from tests.lab.card import Card, Contents
from tests.lab.configspace import SIZE
from tests.lab.need import LabError

MI50 = "0010:03:00.0"
UPSTREAM, DOWNSTREAM = "0010:01:00.0", "0010:02:00.0"
SWITCH_EXPRESS, CARD_EXPRESS = 0x58, 0x64  # where a function's express capability is
LINK_STATUS = 0x12


def lines(name: str, **changes: object) -> list[str]:
    return card.tree(name, **changes).decode().splitlines()


def space(text: list[str], address: str, kind: str = "config") -> bytes:
    """A function's 4 KB as the slot module puts them together."""
    found = bytearray(SIZE)
    for line in text:
        if line.startswith(f"{kind} {address} "):
            at, row = line.split()[2:]
            content = bytes.fromhex(row)
            found[int(at, 16) : int(at, 16) + len(content)] = content
    return bytes(found)


def number(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "little")


def shown(text: list[str], kind: str, owner: str, path: str) -> list[str]:
    start = f"{kind} {owner} {path}"
    return [
        line[len(start) + 1 :] for line in text if line == start or line.startswith(f"{start} ")
    ]


def link(content: bytes, express: int) -> tuple[int, int]:
    status = number(content, express + LINK_STATUS, 2)
    return status & 0xF, status >> 4 & 0x3F


@pytest.mark.parametrize("name", card.names())
def test_every_box_compiles_to_two_sections_of_plain_lines(name: str) -> None:
    text = card.tree(name)
    assert text.startswith(b"[slot]\n")
    assert text.count(b"\n[driver]\n") == 1
    assert text.isascii()
    assert text.endswith(b"\n")


@pytest.mark.parametrize(
    ("name", "address", "device", "class_code", "subsystem", "revision"),
    [
        ("mi50", MI50, 0x66A1, 0x038000, 0x0834, 0x01),
        ("two-mi50", "0010:43:00.0", 0x66A1, 0x038000, 0x0834, 0x01),
        ("mi50-16gb", MI50, 0x66A1, 0x038000, 0x0834, 0x01),
        ("radeon-vii", MI50, 0x66AF, 0x030000, 0x081E, 0xC1),
        ("mi50-and-gfx1030", "0010:03:00.0", 0x73BF, 0x030000, 0x0E3A, 0xC3),
        ("mi50-and-gfx1030", "0010:43:00.0", 0x66A1, 0x038000, 0x0834, 0x01),
    ],
)
def test_the_function_says_what_the_card_is(
    name: str, address: str, device: int, class_code: int, subsystem: int, revision: int
) -> None:
    found = space(lines(name), address)
    assert number(found, 0, 2) == 0x1002
    assert number(found, 2, 2) == device
    assert number(found, 8, 4) == class_code << 8 | revision
    assert number(found, 0x2C, 2) == 0x1002
    assert number(found, 0x2E, 2) == subsystem


@pytest.mark.parametrize(("mib", "size"), [(256, 256 << 20), (32768, 32 << 30)])
def test_sizing_bar_0_answers_its_size(mib: int, size: int) -> None:
    text = lines("mi50", bar_mib=mib)
    reset, mask = number(space(text, MI50), 0x10, 8), number(space(text, MI50, "writable"), 0x10, 8)
    answered = reset & ~mask | mask  # what is read after all ones were written
    assert answered & 0xF == 0xC  # 64 bits, prefetchable
    assert (1 << 64) - (answered & ~0xF) == size


@pytest.mark.parametrize("name", card.names())
def test_capability_lists_end(name: str) -> None:
    text = lines(name)
    for address in {line.split()[1] for line in text if line.startswith("config ")}:
        content, at, seen = space(text, address), 0x34, set[int]()
        at = content[at]
        while at:
            assert at not in seen
            seen.add(at)
            at = content[at + 1]
        at = 0x100
        while at and number(content, at, 4):
            assert at not in seen
            seen.add(at)
            at = number(content, at, 4) >> 20


def test_a_narrow_slot_is_read_at_the_switch_not_at_the_card() -> None:
    text = lines("mi50", link_width=4, link_gts=8.0)
    assert link(space(text, UPSTREAM), SWITCH_EXPRESS) == (3, 4)
    assert link(space(text, "0010:00:01.0"), SWITCH_EXPRESS) == (3, 4)
    assert link(space(text, DOWNSTREAM), SWITCH_EXPRESS) == (4, 16)
    assert link(space(text, MI50), CARD_EXPRESS) == (4, 16)


def test_without_a_switch_the_card_has_the_slots_link() -> None:
    text = lines("mi50", behind="slot", link_width=8)
    assert link(space(text, MI50), CARD_EXPRESS) == (4, 8)
    assert not any(space(text, UPSTREAM))
    assert space(text, "0010:00:01.0")[0x18:0x1B] == bytes([0, 3, 3])


def test_the_bridges_lead_from_the_root_bus_to_the_card() -> None:
    text = lines("two-mi50")
    assert space(text, "0010:00:02.0")[0x18:0x1B] == bytes([0, 0x41, 0x43])
    assert space(text, "0010:41:00.0")[0x18:0x1B] == bytes([0x41, 0x42, 0x43])
    assert space(text, "0010:42:00.0")[0x18:0x1B] == bytes([0x42, 0x43, 0x43])


def test_a_box_without_above_4g_has_no_window_there() -> None:
    assert sum(line.startswith("window ") for line in lines("mi50")) == 2
    assert sum(line.startswith("window ") for line in lines("mi50", above_4g=False)) == 1


def test_the_topology_says_gfx906() -> None:
    text = lines("mi50")
    properties = shown(text, "kfd", MI50, "nodes/1/properties")
    assert "gfx_target_version 90006" in properties
    assert "simd_count 240" in properties
    assert "device_id 26273" in properties
    assert "location_id 768" in properties
    assert "domain 16" in properties
    assert "drm_render_minor 128" in properties
    assert shown(text, "kfd", MI50, "nodes/1/name") == ["vega20"]
    assert "simd_count 0" in shown(text, "kfd", "-", "nodes/0/properties")
    bank = shown(text, "kfd", MI50, "nodes/1/mem_banks/0/properties")
    assert bank[:2] == ["heap_type 1", "size_in_bytes 34342961152"]


def test_properties_are_in_the_kernels_order() -> None:
    properties = shown(lines("mi50"), "kfd", MI50, "nodes/1/properties")
    keys = [line.split()[0] for line in properties]
    assert keys[:3] == ["cpu_cores_count", "simd_count", "mem_banks_count"]
    assert keys[-2:] == ["num_xcc", "max_engine_clk_ccompute"]


def test_the_second_card_has_names_of_its_own() -> None:
    text = lines("two-mi50")
    first, second = (shown(text, "device", at, "unique_id") for at in (MI50, "0010:43:00.0"))
    assert first != second
    nodes = [line for line in text if line.startswith("drm ")]
    assert nodes == [
        "drm 0010:03:00.0 card0",
        "drm 0010:03:00.0 renderD128",
        "drm 0010:43:00.0 card1",
        "drm 0010:43:00.0 renderD129",
    ]
    ids = (
        shown(text, "kfd", at, f"nodes/{n}/gpu_id") for n, at in ((1, MI50), (2, "0010:43:00.0"))
    )
    assert list(ids) == [["33678"], ["8617"]]


def test_no_card_leaves_the_processor() -> None:
    text = lines("none")
    assert text[:2] == ["[slot]", "[driver]"]
    assert "kfd - nodes/0/gpu_id 0" in text
    assert not [line for line in text if "nodes/1" in line]


def test_a_passive_card_has_no_fan() -> None:
    assert not shown(lines("mi50"), "hwmon", MI50, "fan1_input")
    assert shown(lines("radeon-vii"), "hwmon", MI50, "fan1_input") == ["0"]


def test_the_power_cap_is_a_range_in_microwatts() -> None:
    assert f"range {MI50} power1_cap 225000000 0 225000000" in lines("mi50")


def test_a_changed_value_is_all_that_changes() -> None:
    before, after = lines("mi50"), lines("mi50", junction=101)
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed == [
        (f"hwmon {MI50} temp2_input 38000", f"hwmon {MI50} temp2_input 101000"),
    ]


def test_a_mapping_is_added_to() -> None:
    text = lines("mi50", files={"power_dpm_state": "balanced"}, kfd={"gfx_target_version": 90000})
    assert shown(text, "device", MI50, "power_dpm_state") == ["balanced"]
    assert shown(text, "device", MI50, "pp_dpm_mclk")[0] == "0: 350Mhz *"
    assert "gfx_target_version 90000" in shown(text, "kfd", MI50, "nodes/1/properties")
    assert "simd_count 240" in shown(text, "kfd", MI50, "nodes/1/properties")


def test_files_can_be_left_out() -> None:
    text = lines("mi50", without=("power1_average", "power1_cap", "unique_id"))
    assert not [line for line in text if "power1_average" in line or "unique_id " in line[:40]]
    assert not [line for line in text if line.startswith("range ")]


def test_one_card_of_two_can_be_varied() -> None:
    box = card.contents("two-mi50")
    hot = card.vary(box.card[1], junction=101)
    text = card.compiled(Contents(card=(box.card[0], hot))).decode().splitlines()
    assert shown(text, "hwmon", MI50, "temp2_input") == ["38000"]
    assert shown(text, "hwmon", "0010:43:00.0", "temp2_input") == ["101000"]


def test_a_link_without_atomics_says_so() -> None:
    path = "nodes/1/io_links/0/properties"
    assert "flags 1" in shown(lines("mi50"), "kfd", MI50, path)
    assert "flags 13" in shown(lines("mi50", atomics=False), "kfd", MI50, path)


def test_a_mistyped_name_lists_the_names() -> None:
    with pytest.raises(LabError, match=r"'mi-50'.*mi50, mi50-16gb, mi50-and-gfx1030, none"):
        card.tree("mi-50")


def test_a_mistyped_change_names_the_field() -> None:
    with pytest.raises(LabError, match=r"'junktion'.*junction"):
        card.tree("mi50", junktion=101)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"bar_mib": 300}, "power of two"),
        ({"link_gts": 7.0}, "7.0 GT/s"),
        ({"behind": "riser"}, "behind is one of"),
        ({"address": "0010:02:00.0"}, "on bus 03 or later"),
        ({"address": "03:00.0"}, "is no address"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(LabError, match=problem):
        card.tree("mi50", **changes)


def test_two_cards_do_not_share_a_place() -> None:
    with pytest.raises(LabError, match="is taken"):
        card.tree("two-mi50", address=MI50)


def test_cards_are_values() -> None:
    box = card.contents("mi50")
    assert isinstance(box.card[0], Card)
    assert box == card.contents("mi50")


def test_the_digest_covers_every_source() -> None:
    assert (card.SOURCE / "slot.c").exists()
    assert (card.SOURCE / "Kbuild").exists()
    assert len(card.digest()) == 16
    assert card.digest() == card.digest()
