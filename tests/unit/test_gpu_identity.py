"""Naming a card: chip, ids and VBIOS agree, disagree, or do not say enough."""

from __future__ import annotations

import re

import pytest

from roles.gpu import identity
from roles.gpu.known import arch, arch_of_device, known, peaks
from tests.unit.fixtures.gpu_boxes import GIB, MI50_VRAM, RADEON_VII_VRAM, card

UNKNOWN = None
SERVER_BOARD, WORKSTATION_BOARD = 0x0834, 0x081E


def name(device: int, units: int | None, vram: int | None, **more: object) -> str:
    return identity.name(card(device_id=device, compute_units=units, vram_bytes=vram, **more))


def on_board(subsystem: int) -> dict[str, int]:
    return {"subsystem_vendor_id": 0x1002, "subsystem_id": subsystem}


@pytest.mark.parametrize(
    ("device", "units", "vram", "expected"),
    [
        (0x66A1, 60, MI50_VRAM, "Instinct MI50 32 GB"),
        (0x66A0, 60, MI50_VRAM, "Instinct MI50 32 GB"),
        (0x66A0, 60, RADEON_VII_VRAM, "Instinct MI50 16 GB"),
        (0x66A1, 64, MI50_VRAM, "Instinct MI60"),
        (0x66AF, 60, RADEON_VII_VRAM, "Radeon VII"),
        (0x66A3, 64, MI50_VRAM, "Radeon Pro Vega II"),
        (0x687F, 56, 8573157376, "Radeon RX Vega 56"),
        (0x687F, 64, 8573157376, "Radeon RX Vega 64"),
    ],
)
def test_compute_units_and_vram_tell_cards_of_one_id_apart(
    device: int, units: int, vram: int, expected: str
) -> None:
    assert name(device, units, vram) == expected


def test_vram_reported_at_the_nominal_size_or_a_little_under_is_that_size() -> None:
    assert name(0x66A1, 60, 32 * GIB) == name(0x66A1, 60, MI50_VRAM) == "Instinct MI50 32 GB"


def test_the_board_tells_an_mi50_of_16_gb_from_a_radeon_pro_vii() -> None:
    assert name(0x66A1, 60, RADEON_VII_VRAM, **on_board(SERVER_BOARD)) == "Instinct MI50 16 GB"
    assert name(0x66A1, 60, RADEON_VII_VRAM, **on_board(WORKSTATION_BOARD)) == "Radeon Pro VII"


def test_without_enough_evidence_the_family_is_named() -> None:
    assert name(0x66A1, 60, RADEON_VII_VRAM) == "Instinct MI50 or Radeon Pro VII"
    assert name(0x66A1, UNKNOWN, UNKNOWN) == "Instinct MI50, Instinct MI60 or Radeon Pro VII"


def test_a_board_of_an_unknown_maker_rules_no_card_out() -> None:
    maker = {"subsystem_vendor_id": 0x1028, "subsystem_id": 0x1234}
    assert name(0x66A1, 60, MI50_VRAM, **maker) == "Instinct MI50 32 GB"


@pytest.mark.parametrize(
    ("device", "vram", "vbios", "expected"),
    [
        (0x66AF, MI50_VRAM, None, "Instinct MI50 32 GB, flashed with a Radeon VII VBIOS"),
        (
            0x66AF,
            MI50_VRAM,
            "113-D3600200-106",
            "Instinct MI50 32 GB, flashed with a Radeon VII VBIOS",
        ),
        (
            0x66A1,
            MI50_VRAM,
            "113-D163A1XT-045",
            "Instinct MI50 32 GB, flashed with a Radeon Pro VII (Apple) VBIOS",
        ),
        (
            0x66A3,
            MI50_VRAM,
            "113-D163A1XT-045",
            "Instinct MI50 32 GB, flashed with a Radeon Pro VII (Apple) VBIOS",
        ),
        (
            0x66A0,
            MI50_VRAM,
            "113-D1640200-043",
            "Instinct MI50 32 GB, flashed with a Radeon Pro V420 VBIOS",
        ),
        (
            0x66AF,
            RADEON_VII_VRAM,
            "113-D1631400-X11",
            "Radeon VII, flashed with an Instinct MI50 16 GB VBIOS",
        ),
    ],
)
def test_a_card_whose_vbios_is_another_cards_is_named_as_flashed(
    device: int, vram: int, vbios: str | None, expected: str
) -> None:
    assert name(device, 60, vram, vbios=vbios) == expected


def test_a_radeon_vii_id_on_32_gb_is_flashed_even_before_compute_units_are_known() -> None:
    assert name(0x66AF, UNKNOWN, MI50_VRAM).endswith(", flashed with a Radeon VII VBIOS")


@pytest.mark.parametrize(
    ("device", "units", "vram", "vbios", "expected"),
    [
        (0x66A1, 60, MI50_VRAM, "113-D1631711-100", "Instinct MI50 32 GB"),
        (0x66A1, 60, MI50_VRAM, "113-D1631700-111", "Instinct MI50 32 GB"),
        (0x66A1, 60, RADEON_VII_VRAM, "113-D1631400-111", "Instinct MI50 16 GB"),
        (0x66A1, 60, RADEON_VII_VRAM, "113-D1640600-104", "Radeon Pro VII"),
        (0x66A1, 64, MI50_VRAM, "113-D1630600-107", "Instinct MI60"),
        (0x66AF, 60, RADEON_VII_VRAM, "113-D3600200-106", "Radeon VII"),
        (0x66A3, 64, MI50_VRAM, "113-D163A1XT-045", "Radeon Pro Vega II"),
        (0x66A1, 60, MI50_VRAM, "a version nobody has seen", "Instinct MI50 32 GB"),
    ],
)
def test_a_card_with_its_own_or_an_unknown_vbios_is_not_called_flashed(
    device: int, units: int, vram: int, vbios: str, expected: str
) -> None:
    assert name(device, units, vram, vbios=vbios) == expected


def test_a_shape_that_no_card_has_is_not_called_flashed() -> None:
    assert name(0x66AF, 30, 8 * GIB) == "Radeon VII"


def test_an_unknown_device_is_named_by_its_ids() -> None:
    assert name(0x1234, 60, MI50_VRAM) == "AMD card 1002:1234"


@pytest.mark.parametrize(
    ("device", "expected"),
    [(0x66A1, "gfx906"), (0x66AF, "gfx906"), (0x6860, "gfx900"), (0x738C, "gfx908"), (0x1, None)],
)
def test_a_device_id_stands_for_an_arch(device: int, expected: str | None) -> None:
    assert arch_of_device(device) == expected


def test_a_dropped_arch_says_what_revives_it_and_a_current_one_needs_nothing() -> None:
    for each in known().archs:
        assert each.support in ("current", "dropped", "never"), each.name
        assert (each.revived_by is None) is (each.support == "current"), each.name
    assert arch("gfx906") is not None
    assert arch("gfx000") is None
    assert arch(None) is None


def test_every_id_in_the_data_is_spelled_as_the_lookup_spells_it() -> None:
    for each in known().cards:
        assert all(re.fullmatch("[0-9a-f]{4}", device) for device in each.devices), each.name
        assert all(re.fullmatch("[0-9a-f]{4}:[0-9a-f]{4}", s) for s in each.subsystems), each.name


def test_every_name_in_the_data_stands_for_one_thing() -> None:
    names = [each.name for each in known().cards]
    assert len(names) == len(set(names))
    archs = {each.name for each in known().archs}
    assert {each.arch for each in known().cards} <= archs
    assert {name for row in known().vbios for name in row.cards} <= set(names)


def test_a_device_id_is_never_of_two_archs() -> None:
    found: dict[str, str] = {}
    for each in known().cards:
        for device in each.devices:
            assert found.setdefault(device, each.arch) == each.arch, device


def test_a_cards_data_sheet_is_found_by_the_name_that_we_give_it() -> None:
    assert peaks("Instinct MI50 32 GB")["gb_per_s"] == 1024
    assert peaks("Instinct MI50")["tflops_fp16"] == 26.5
    assert peaks("Radeon VII, flashed with a Radeon Pro VII (Apple) VBIOS")["tflops_fp32"] == 13.4
    assert peaks("AMD card 1002:ffff") == {}
