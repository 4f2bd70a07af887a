"""Real captures, where the folder that holds them lies beside the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roles.gpu.rocminfo import Rocminfo, parse

CAPTURES = Path(__file__).parents[3] / "shared/testdata"
ISSUES = CAPTURES / "ROCm_ROCm_issues"

pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no captures beside the checkout")


def cards(capture: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "roles.gpu", "--json", "--root", str(CAPTURES / capture)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def rocminfo(path: Path) -> Rocminfo:
    return parse(path.read_bytes().decode("utf-8", "replace").split("\n"))


def test_a_box_with_an_mi50_and_a_radeon_vii() -> None:
    seven, mi50 = cards("_synthetic_kfd_gfx906")
    assert (seven["pci"], seven["name"], seven["kfd_node"]) == ("0000:03:00.0", "Radeon VII", 2)
    assert (mi50["pci"], mi50["name"]) == ("0000:44:00.0", "Instinct MI50 32 GB")
    for card in (seven, mi50):
        assert (card["arch"], card["compute_units"]) == ("gfx906", 60)
    assert (mi50["device_id"], mi50["vram_bytes"]) == (26273, 34342961152)


def test_an_old_kernels_topology_without_target_version() -> None:
    found = cards("ROCm_k8s-device-plugin/topology-parsing/topology")
    assert [card["kfd_node"] for card in found] == [1, 2]
    for card in found:
        assert card["pci"] == "0000:19:00.0"
        assert (card["arch"], card["arch_source"]) == ("gfx900", "device_id")
        assert (card["compute_units"], card["vram_bytes"]) == (64, 17163091968)


def test_partitions_of_cards_in_two_domains() -> None:
    found = cards("ROCm_k8s-device-plugin/topology-parsing-mi308")
    assert [card["pci"] for card in found] == ["0000:0a:00.0", "0000:0a:00.1", "0001:c9:00.3"]
    assert {card["arch"] for card in found} == {"gfx942"}
    assert {card["compute_units"] for card in found} == {20}


def test_a_drm_folder_without_pci_bus_and_kfd() -> None:
    (card,) = cards("prometheus_procfs/fixtures")
    assert (card["pci"], card["driver"], card["arch"]) == ("0000:09:00.0", "amdgpu", "gfx900")
    assert (card["vram_bytes"], card["bar_bytes"]) == (8573157376, 8 << 30)
    assert card["link"] == {"speed_gts": 8, "width": 16, "max_speed_gts": 8, "max_width": 16}
    assert (card["compute_units"], card["kfd_node"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "loaded", "gpus"),
    [
        (ISSUES / "rocminfo/issue1753_radeonvii_rocm5.0_ryzen2700x.txt", True, [("gfx906", 60)]),
        (ISSUES / "rocminfo/issue2314_radeonvii_rocm5.6_fx9590.txt", True, [("gfx906", 60)]),
        (ISSUES / "rocminfo/issue4143_mi60_rocm6.3.0_i9-13900k.txt", True, [("gfx906", 64)]),
        (
            ISSUES / "rocminfo/issue5924_mi210_mi50-32g_mi100_rocm7.2.0_2xepyc7452.txt",
            True,
            [("gfx90a", 104), ("gfx906", 60), ("gfx908", 120)],
        ),
        (
            ISSUES / "rocminfo/issue3999_grep-names_4x-mi50_rocm5.7.0_rocky8.6.txt",
            None,
            [("gfx906", None)] * 4,
        ),
        (
            ISSUES / "rocminfo/issue4793_grep-names_2x-mi50-32g_two-isas.txt",
            None,
            [("gfx906", None)] * 2,
        ),
        (CAPTURES / "bankh_GPU_Compute/rocmInfo.md", True, [("gfx900", 64)] * 7),
        (
            CAPTURES / "hellcatjack_strix-halo/rocminfo_gfx1151_rocm7.2.1_ansi.txt",
            True,
            [("gfx1151", 40)],
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_good_rocminfo_outputs(
    path: Path, loaded: bool | None, gpus: list[tuple[str, int | None]]
) -> None:
    report = rocminfo(path)
    found = [agent for agent in report.agents if agent.kind == "GPU"]
    assert report.problem is None
    assert report.driver_loaded is loaded
    assert [(agent.name, agent.compute_units) for agent in found] == gpus
    assert all(agent.name in agent.isas[0] for agent in found)
    assert {agent.kind for agent in report.agents} == {"CPU", "GPU"}


@pytest.mark.parametrize(
    ("name", "loaded", "code"),
    [
        ("container_no-dev-kfd", True, "no-dev-kfd"),
        ("issue1249_not-loaded_wsl2_out-of-resources", False, "module-not-loaded"),
        ("module-not-loaded", False, "module-not-loaded"),
        ("permission-denied_not-in-render-group", True, "kfd-permission"),
        ("tonga+mi50_hsa-status-error", None, "hsa-error"),
    ],
)
def test_failing_rocminfo_outputs(name: str, loaded: bool | None, code: str) -> None:
    report = rocminfo(ISSUES / f"rocminfo-fail/{name}.txt")
    assert report.agents == ()
    assert report.driver_loaded is loaded
    assert report.problem is not None
    assert report.problem.code == code


def test_every_other_rocminfo_capture_is_read_as_the_folder_it_lies_in() -> None:
    for path in (ISSUES / "rocminfo").iterdir():
        assert rocminfo(path).problem is None, path.name
    for path in (ISSUES / "rocminfo-fail").iterdir():
        assert rocminfo(path).problem is not None, path.name
