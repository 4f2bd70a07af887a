"""The programs that prove a card, as far as they can be proven without torch."""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from roles.smoke.program import program
from roles.smoke.programs import cards, digits, main, ops, watch
from roles.smoke.programs.cards import Gauges
from roles.smoke.programs.part import Told, worst
from roles.smoke.programs.visible import _judged, of_arch
from tests.lab import digits as drawn

PCI = "0010:03:00.0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with one MI50, at rest."""
    node = tmp_path / cards.TOPOLOGY / "1"
    (node / "mem_banks/0").mkdir(parents=True)
    properties = {
        "simd_count": 240,
        "simd_per_cu": 4,
        "gfx_target_version": 90006,
        "domain": 16,
        "location_id": 768,
        "vendor_id": 4098,
        "device_id": 26273,
    }
    (node / "properties").write_text("".join(f"{k} {v}\n" for k, v in properties.items()))
    (node / "mem_banks/0/properties").write_text("heap_type 1\nsize_in_bytes 34342961152\n")
    card = tmp_path / "sys/bus/pci/devices" / PCI
    (card / "hwmon/hwmon3").mkdir(parents=True)
    (card / "mem_info_vram_used").write_text("10000000\n")
    (card / "gpu_busy_percent").write_text("0\n")
    (card / "hwmon/hwmon3/temp2_input").write_text("41000\n")
    (card / "hwmon/hwmon3/temp2_crit").write_text("100000\n")
    return tmp_path


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of ours, whose child does what a test writes into it."""
    path = tmp_path / "program.py"
    monkeypatch.setattr(sys, "argv", [str(path)])
    return path


CHILD = """
import json, os, sys, time
told = json.load(sys.stdin)
def say(**line):
    os.write(int(sys.argv[3]), (json.dumps(line) + "\\n").encode())
def part(name, does=lambda: None):
    say(step=name)
    does()
    say(part={"name": name, "result": "pass", "why": "", "figures": {}})
say(about={"devices": []})
steps = [("one", None), ("two", os.abort), ("three", None)]
for name, does in steps[told["skip"]:]:
    part(name, does or (lambda: None))
"""


def test_a_step_that_aborts_takes_neither_those_before_nor_those_after_it_along(
    child: Path,
) -> None:
    child.write_text(CHILD)
    found = watch.tried("ops", Told("gfx906"), [], 60)
    told = [(one["name"], one["result"], one["why"]) for one in found.parts]
    assert told == [
        ("one", "pass", ""),
        ("two", "fail", "the process was ended by SIGABRT"),
        ("three", "pass", ""),
    ]


def test_what_a_child_said_last_is_kept_when_it_dies(child: Path) -> None:
    child.write_text(CHILD.replace("os.abort", "lambda: sys.exit('rocBLAS error: no library')"))
    found = watch.tried("ops", Told("gfx906"), [], 60)
    assert found.parts[1]["why"] == "the process ended with status 1"
    assert found.parts[1]["figures"] == {"said": ["rocBLAS error: no library"]}


def test_a_step_that_hangs_is_ended_when_its_time_is_over(child: Path) -> None:
    child.write_text(CHILD.replace("os.abort", "lambda: time.sleep(600)"))
    found = watch.tried("ops", Told("gfx906"), [], 0.5)
    assert [(one["name"], one["why"]) for one in found.parts] == [
        ("one", ""),
        ("two", "stopped: not done in time"),
    ]


def test_a_card_that_gets_too_hot_ends_what_runs_on_it(child: Path, root: Path) -> None:
    child.write_text(CHILD.replace("os.abort", "lambda: time.sleep(600)"))
    gauge = Gauges(PCI, root=root)
    (root / f"sys/bus/pci/devices/{PCI}/hwmon/hwmon3/temp2_input").write_text("101000\n")
    found = watch.tried("ops", Told("gfx906"), [gauge], 60)
    assert found.parts[-1]["why"] == f"stopped: {PCI} has 101 °C, and 100 °C is its limit"


def test_torch_that_cannot_be_imported_is_said_once(child: Path) -> None:
    child.write_text(CHILD.replace('say(about={"devices": []})', "import no_such_torch"))
    found = watch.tried("ops", Told("gfx906"), [], 60)
    assert len(found.parts) == 1
    assert "no_such_torch" in found.parts[0]["figures"]["said"][-1]


def test_a_limit_of_ones_own_counts_before_the_cards(root: Path) -> None:
    assert Gauges(PCI, 40, root).look() == f"{PCI} has 41 °C, and 40 °C is its limit"
    assert Gauges(PCI, 60, root).look() == ""


def test_the_cards_of_the_arch_are_read_from_the_compute_driver(root: Path) -> None:
    expected = {"pci": PCI, "arch": "gfx906", "vram_bytes": 34342961152}
    assert cards.shown("gfx906", root) == [expected]
    assert cards.shown("gfx1030", root) == []


def test_training_that_no_counter_of_the_card_has_seen_is_a_failure(root: Path) -> None:
    card = root / "sys/bus/pci/devices" / PCI
    gauge = Gauges(PCI, root=root)
    (card / "mem_info_vram_used").write_text("900000000\n")
    gauge.look()
    half = main._rose([gauge], PCI)
    assert (half["result"], "busy_percent did not rise" in half["why"]) == ("fail", True)
    (card / "gpu_busy_percent").write_text("97\n")
    gauge.look()
    (card / "gpu_busy_percent").write_text("0\n")
    gauge.look()
    assert main._rose([gauge], PCI)["result"] == "pass"
    assert main._rose([gauge], "")["result"] == "pass"  # there is only this one
    assert main._rose([gauge, gauge], "")["result"] == "pending"
    assert main._rose([gauge], "0000:01:00.0")["result"] == "pending"


def test_another_arch_and_less_memory_than_the_card_has_are_failures() -> None:
    one = {"name": "AMD Instinct MI50", "arch": "gfx906", "memory_bytes": 34e9, "pci": PCI}
    told = Told("gfx906", cards=({"pci": PCI, "arch": "gfx906", "vram_bytes": 34342961152},))
    assert _judged(one, told).result == "pass"
    assert _judged({**one, "memory_bytes": 16e9}, told).result == "fail"
    assert _judged({**one, "arch": "gfx1030"}, told).result == "fail"
    assert _judged({**one, "pci": "0000:01:00.0"}, told).result == "fail"


def test_a_card_for_the_screen_is_not_judged() -> None:
    devices = [{"arch": "gfx1036"}, {"arch": "gfx906"}]
    assert of_arch(devices, "gfx906") == [1]


def test_a_crash_in_a_library_that_is_a_known_gap_is_no_failure_and_any_other_is(
    child: Path,
) -> None:
    child.write_text(CHILD.replace("say(step=name)", 'say(step=name, library="rocSOLVER")'))
    found = watch.tried("ops", Told("gfx906", gaps=("rocSOLVER",)), [], 60)
    assert [one["result"] for one in found.parts] == ["pass", "gap", "pass"]
    assert found.parts[1]["why"].startswith("rocSOLVER has no code for gfx906: the process was")
    found = watch.tried("ops", Told("gfx906", gaps=("rocBLAS",)), [], 60)
    assert [one["result"] for one in found.parts] == ["pass", "fail", "pass"]


class Numbers(list[float]):
    """As much of a tensor as an operation needs here: none of torch."""

    shape, dtype = (1,), "fp32"

    def to(self, _: object) -> Numbers:
        return self

    def cpu(self) -> Numbers:
        return self

    def is_floating_point(self) -> bool:
        return False

    def is_complex(self) -> bool:
        return False


@pytest.mark.parametrize(("off", "result"), [(0.0, "pass"), (1e-2, "fail")])
def test_a_wrong_result_is_a_failure_even_where_a_gap_is_known(off: float, result: str) -> None:
    torch = argparse.Namespace(manual_seed=lambda _: None, complex64=None, complex128=None)
    op = ops.Op(
        "fp32 mv",
        "rocBLAS",
        lambda _: (Numbers(),),
        lambda one: one,
        1e-4,
        check=lambda *_: off,
    )
    assert ops._tried(torch, op, "cuda", Told("gfx906", gaps=("rocBLAS",))).result == result
    broken = dataclasses.replace(op, does=raises)
    assert ops._tried(torch, broken, "cuda", Told("gfx906", gaps=("rocBLAS",))).result == "gap"
    assert ops._tried(torch, broken, "cuda", Told("gfx906")).result == "fail"


def raises(_: object) -> None:
    raise RuntimeError("HIP error: no kernel image")


def test_pending_is_never_taken_for_a_pass() -> None:
    assert worst(["pass", "pending"]) == "pending"
    assert worst(["pass", "gap"]) == "gap"
    assert worst(["pending", "fail", "pass"]) == "fail"
    assert worst([]) == "pending"


def test_digits_are_read_as_they_were_drawn(tmp_path: Path) -> None:
    drawn.write(tmp_path, training=12, tests=3)
    sizes, pixels = digits.read(tmp_path / "train-images-idx3-ubyte.gz")
    assert sizes == (12, 28, 28)
    assert max(pixels) > 200
    assert len(digits.read(tmp_path / "t10k-labels-idx1-ubyte.gz")[1]) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\0\0\x08\x01\0\0\0\x05abcd", "4 bytes for 5"),
        (b"\0\0\x0d\x01\0\0\0\x01abcd", "no IDX file of bytes"),
        (b"\x01\0\x08\x01\0\0\0\x01a", "no IDX file of bytes"),
    ],
)
def test_a_file_that_is_no_digits_is_refused(tmp_path: Path, body: bytes, why: str) -> None:
    path = tmp_path / "bad.gz"
    path.write_bytes(gzip.compress(body))
    with pytest.raises(ValueError, match=why):
        digits.read(path)


def test_the_packed_program_runs_alone_and_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "smoke.pyz"
    path.write_bytes(program())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(path), "--tests", "gemm", "--require-hardware"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["result"] == "fail"
    assert "No module named 'torch'" in told["tests"][0]["parts"][0]["figures"]["said"][-1]


@pytest.mark.parametrize(("cards", "done"), [(1, 0), (2, 1)])
def test_a_box_with_one_card_is_not_left_pending_for_what_needs_two(
    monkeypatch: pytest.MonkeyPatch, cards: int, done: int
) -> None:
    seen = [{"arch": "gfx906", "pci": f"0000:0{number}:00.0"} for number in range(cards)]
    asked: list[str] = []

    def one(test: str, *_: object) -> dict[str, object]:
        asked.append(test)
        return {"about": {"devices": seen, "path": "/nowhere"}}

    monkeypatch.setattr(main, "_one", one)
    wanted = argparse.Namespace(tests="visible,mnist,multi")
    list(main._results(wanted, Told("gfx906"), []))
    assert (asked.count("mnist"), asked.count("multi")) == (cards, done)
