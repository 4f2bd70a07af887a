"""`python -m roles.gpu`: what it prints, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roles.gpu import __main__ as command
from tests.unit.fixtures.commands import runner
from tests.unit.fixtures.gpu_boxes import AMDGPU, MI50_IDS, MI50_VRAM, Box, gfx906_node

ROCMINFO = Path(__file__).parent / "fixtures/gpu/rocminfo_cpu_gpu_npu.txt"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return runner(command, monkeypatch, capsys)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    box = Box(tmp_path / "a root")
    box.function("0000:44:00.0", MI50_IDS, AMDGPU, driver="amdgpu")
    box.node(1, gfx906_node(0x4400), [(1, MI50_VRAM)])
    return box.root


def test_a_whole_root_prints_each_card_as_json(run: Any, root: Path) -> None:
    ran = run("--root", root, "--json")
    assert ran.status == 0
    (card,) = ran.json
    expected = {
        "pci": "0000:44:00.0",
        "vendor_id": 4098,
        "device_id": 26273,
        "arch": "gfx906",
        "compute_units": 60,
        "vram_bytes": MI50_VRAM,
        "name": "Instinct MI50 32 GB",
        "kfd_node": 1,
    }
    assert expected.items() <= card.items()


@pytest.mark.parametrize("below", ["kfd/kfd", "kfd/kfd/topology"])
def test_a_topology_and_the_folder_that_holds_one_are_read_too(
    run: Any, root: Path, below: str
) -> None:
    ran = run("--root", root / "sys/class" / below, "--json")
    assert [card["kfd_node"] for card in ran.json] == [1]


def test_a_relative_root_is_read(run: Any, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    assert len(run("--root", "a root", "--json").json) == 1


def test_a_root_without_a_pci_bus_is_read_through_its_drm_cards(run: Any, tmp_path: Path) -> None:
    device = tmp_path / "sys/class/drm/card0/device"
    device.mkdir(parents=True)
    for name, text in {**MI50_IDS, "uevent": "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:09:00.0"}.items():
        (device / name).write_text(text)
    (tmp_path / "sys/class/drm/card0-DP-1").mkdir()
    (card,) = run("--root", tmp_path, "--json").json
    assert (card["pci"], card["driver"], card["device_id"]) == ("0000:09:00.0", "amdgpu", 0x66A1)


def test_people_get_ids_in_hex_and_sizes_in_units(run: Any, root: Path) -> None:
    ran = run("--root", root)
    assert ran.status == 0
    for part in ("0000:44:00.0", "1002:66a1", "gfx906", "32 GiB", "amdgpu"):
        assert part in ran.out


def test_a_tree_without_cards_says_so_and_is_no_failure(run: Any, tmp_path: Path) -> None:
    (tmp_path / "sys/bus/pci/devices").mkdir(parents=True)
    assert run("--root", tmp_path, "--json").json == []
    ran = run("--root", tmp_path)
    assert (ran.status, ran.out) == (0, "No AMD card found.\n")


@pytest.mark.parametrize("option", ["--root", "--rocminfo"])
def test_a_path_that_is_not_there_is_one_clear_line(run: Any, tmp_path: Path, option: str) -> None:
    ran = run(option, tmp_path / "nowhere")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "nowhere" in ran.err
    assert "Next: " in ran.err


def test_a_folder_that_holds_no_card_data_says_what_was_looked_for(
    run: Any, tmp_path: Path
) -> None:
    ran = run("--root", tmp_path)
    assert ran.status == 2
    assert "sys/bus/pci/devices" in ran.err


def test_a_folder_given_as_rocminfo_output_is_no_traceback(run: Any, tmp_path: Path) -> None:
    ran = run("--rocminfo", tmp_path)
    assert ran.status == 2
    assert "cannot be read" in ran.err


def test_a_good_rocminfo_output_prints_its_agents(run: Any) -> None:
    ran = run("--rocminfo", ROCMINFO, "--json")
    assert ran.status == 0
    assert (ran.json["driver_loaded"], ran.json["problem"]) == (True, None)
    gpu = ran.json["agents"][1]
    assert (gpu["kind"], gpu["name"], gpu["compute_units"]) == ("GPU", "gfx906", 60)
    assert len(gpu["isas"]) == 2
    text = run("--rocminfo", ROCMINFO).out
    assert "driver: loaded 6.16.13" in text
    assert "GPU  gfx906  AMD Instinct MI60 / MI50  60 compute units" in text


def test_a_failing_rocminfo_output_prints_its_problem_and_ends_with_1(
    run: Any, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    saved.write_bytes(b"ROCk module is NOT loaded, possibly no GPU devices\r\n\xff\xfe")
    ran = run("--rocminfo", saved, "--json")
    assert ran.status == 1
    assert ran.json["problem"]["code"] == "module-not-loaded"
    assert ran.json["driver_loaded"] is False
    text = run("--rocminfo", saved)
    assert text.status == 1
    assert text.out.count("\n") == 2


def test_the_command_starts_without_loading_pyinfra_or_rich() -> None:
    code = "import sys, roles.gpu.__main__; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pyinfra", "rich"} & set(ran.stdout.split())
