"""Reading rocminfo: every form in which people have it, and what it says when it fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from roles.gpu.rocminfo import Agent, Rocminfo, parse

WHOLE = (Path(__file__).parent / "fixtures/gpu/rocminfo_cpu_gpu_npu.txt").read_text()
CPU_LINES = ["  Name:   Some CPU", "  Marketing Name:   Some CPU"]
GPU_LINES = [
    "  Name:   gfx906",
    "  Marketing Name:   AMD Radeon Graphics",
    "      Name:   amdgcn-amd-amdhsa--gfx906:sramecc+:xnack-",
]


def read(text: str) -> Rocminfo:
    return parse(text.split("\n"))


def test_a_whole_output_gives_its_agents_of_all_three_kinds() -> None:
    report = read(WHOLE)
    assert report.driver_loaded is True
    assert report.driver_version == "6.16.13"
    assert report.problem is None
    cpu, gpu, npu = report.agents
    assert (cpu.kind, cpu.name, cpu.compute_units) == ("CPU", "Some CPU @ 3.70GHz", 16)
    assert gpu == Agent(
        kind="GPU",
        name="gfx906",
        marketing_name="AMD Instinct MI60 / MI50",
        compute_units=60,
        isas=(
            "amdgcn-amd-amdhsa--gfx906:sramecc+:xnack-",
            "amdgcn-amd-amdhsa--gfx9-generic:sramecc+:xnack-",
        ),
        location=0x300,
        node=1,
    )
    assert (npu.kind, npu.name, npu.isas) == ("NPU", "aie2", ())


@pytest.mark.parametrize(
    "changed",
    [
        WHOLE.replace("\n", "\r\n"),
        "\n".join(line.rstrip() for line in WHOLE.split("\n")),
        f"\x1b[37m{WHOLE.replace(' is loaded', ' is loaded' + chr(27) + '[0m', 1)}",
        f"# My box\n\nHere is what it says:\n```\n{WHOLE}```\nThat is all.\n",
    ],
    ids=["windows line ends", "no padding", "colours", "inside prose"],
)
def test_the_same_output_reads_the_same_however_it_was_saved(changed: str) -> None:
    assert read(changed) == read(WHOLE)


def test_a_header_without_a_version_says_only_that_the_driver_is_loaded() -> None:
    report = parse(["ROCk module is loaded", *GPU_LINES])
    assert (report.driver_loaded, report.driver_version) == (True, None)


def test_an_output_cut_down_to_names_still_tells_cpu_from_gpu() -> None:
    noise = ["OS:", 'NAME="Ubuntu"', "CPU:", "model name      : Some CPU", "GPU:"]
    report = parse([*noise, *CPU_LINES, *GPU_LINES, *GPU_LINES])
    assert report.driver_loaded is None
    assert report.problem is None
    assert [agent.kind for agent in report.agents] == ["CPU", "GPU", "GPU"]
    assert report.agents[2].isas == ("amdgcn-amd-amdhsa--gfx906:sramecc+:xnack-",)
    assert report.agents[2].compute_units is None


def test_an_output_cut_short_keeps_what_came_before_the_cut() -> None:
    whole = WHOLE.split("\n")
    cut = whole[: whole.index("  Vendor Name:             AMD                                ") + 1]
    assert [agent.kind for agent in parse(cut).agents] == ["CPU", "GPU"]


@pytest.mark.parametrize(
    ("lines", "loaded", "code"),
    [
        (["ROCk module is NOT loaded, possibly no GPU devices"], False, "module-not-loaded"),
        (
            [
                "ROCk module is loaded",
                "Unable to open /dev/kfd read-write: No such file or directory",
            ],
            True,
            "no-dev-kfd",
        ),
        (
            ["ROCk module is loaded", "Unable to open /dev/kfd read-write: Permission denied"],
            True,
            "kfd-permission",
        ),
        (['ada is not member of "render" group, the default DRM'], None, "kfd-permission"),
        (["Unable to open /dev/kfd read-write: Invalid argument"], None, "kfd-unusable"),
        (["Call returned HSA_STATUS_ERROR_OUT_OF_RESOURCES: The"], None, "out-of-resources"),
        (["hsa api call failure at: rocminfo.cc:1324"], None, "hsa-error"),
        (["HSA Error:  Incompatible kernel and userspace, X disabled."], None, "driver-too-old"),
        (
            ["rocminfo: error while loading shared libraries: libhsa-runtime64.so.1: cannot open"],
            None,
            "missing-library",
        ),
        (["ROCk module is loaded", "rocminfo: exit status 124"], True, "timeout"),
        (["ROCk module is loaded", "rocminfo: exit status 139"], True, "failed"),
        (["ROCk module is loaded"], True, "no-agents"),
        (["rocminfo: exit status 0"], None, "empty"),
        ([], None, "empty"),
    ],
)
def test_a_failing_output_says_what_failed(
    lines: list[str], loaded: bool | None, code: str
) -> None:
    report = parse(lines)
    assert report.driver_loaded is loaded
    assert report.problem is not None
    assert report.problem.code == code
    assert "(next: " in report.problem.text


def test_the_cause_is_named_before_what_follows_from_it() -> None:
    report = parse(
        [
            "ROCk module is NOT loaded, possibly no GPU devices",
            "Unable to open /dev/kfd read-write: No such file or directory",
            "Call returned HSA_STATUS_ERROR_OUT_OF_RESOURCES: The runtime failed",
        ]
    )
    assert report.problem is not None
    assert report.problem.code == "module-not-loaded"


def test_a_problem_carries_the_line_that_shows_it() -> None:
    report = parse(["hsa api call failure at: /src/rocminfo.cc:1142"])
    assert report.problem is not None
    assert "hsa api call failure at: /src/rocminfo.cc:1142" in report.problem.text


def test_agents_before_a_failure_do_not_hide_it() -> None:
    report = parse([*CPU_LINES, "hsa api call failure at: rocminfo.cc:1324"])
    assert len(report.agents) == 1
    assert report.problem is not None


def test_other_text_with_names_in_it_holds_no_agents() -> None:
    report = read("Name: bash\nVersion: 5.2\n\nName: coreutils\nSummary: tools\n")
    assert report.agents == ()
    assert report.problem is not None
    assert report.problem.code == "no-agents"


def test_random_bytes_are_a_problem_and_never_an_exception() -> None:
    for seed in range(20):
        text = random.Random(seed).randbytes(2000).decode("utf-8", "replace")
        assert read(text).problem is not None


def test_numbers_that_are_none_leave_the_rest_readable() -> None:
    report = parse([*GPU_LINES, "  Compute Unit:   many", "  BDFID:", "  Internal Node ID: -1"])
    assert report.problem is None
    agent = report.agents[0]
    assert (agent.compute_units, agent.location, agent.node) == (None, None, None)
