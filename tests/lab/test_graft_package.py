"""The package of a graft, built of the lab's donor as a run builds it; no box is needed."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from roles.graft import codeobject

from .amd.tensile import Library
from .arch import FILE, MISFITS, Arch, package
from .builder import DONOR, ROCBLAS, Builder, tensile
from .mirror import Mirror, upstream

PLAIN = "TensileLibrary_Type_SS_Contraction_l_Ailk_Bljk_Cijk_Dijk_fallback_gfx906.hsaco"

Build = Callable[[str], Builder]


class Flipped(Protocol):
    """+ name: of the file + at: the byte + listed: whether .MTREE has the changed file's sums"""

    def __call__(self, name: str, at: int, listed: bool) -> Builder: ...


@pytest.fixture(scope="module")
def whole(made_arch: Arch) -> Library:
    """All real files of the donor and of the library that it is for."""
    found = tensile()
    if not found.real:
        pytest.skip("no mirror has Debian's rocBLAS, whose files the lab's donor is made of")
    return found


@pytest.fixture
def archive() -> Iterator[Mirror]:
    """Arch's archive, of which each test says what it has."""
    with Mirror() as mirror:
        yield mirror


@pytest.fixture
def controller(whole: Library, made_arch: Arch, archive: Mirror, tmp_path: Path) -> Build:
    """A fresh controller under this name, before an archive that has the right package."""
    archive.serve_folder(upstream("arch-rocblas"), made_arch.folder())
    return lambda name: Builder(tmp_path / name, whole.recipient, archive.url, str(made_arch.key))


def test_lintian_has_no_error_to_report(controller: Build) -> None:
    one = controller("one")
    done = one.run()
    assert done.returncode == 0, done.stderr
    command = ["lintian", "--fail-on", "error", "--tag-display-limit", "0", str(one.built())]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_two_controllers_that_differ_in_all_but_the_inputs_build_the_same_bytes(
    controller: Build,
) -> None:
    one, other = controller("one"), controller("other")
    here = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
    plain = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}  # else C is taken for C.UTF-8
    there = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "2", **plain}
    for done in (one.run(0o022, **here), other.run(0o077, **there)):
        assert done.returncode == 0, done.stderr
    assert one.built().name == other.built().name
    assert digest(one.built()) == digest(other.built())


def test_a_donor_of_another_build_is_refused_by_name_and_nothing_is_built(
    controller: Build, made_arch: Arch, archive: Mirror
) -> None:
    one = controller("one")
    archive.serve_folder(upstream("arch-rocblas"), made_arch.folder(MISFITS))
    done = one.run()
    assert done.returncode == 1
    assert f"the donor {DONOR} does not fit rocblas {ROCBLAS}: " in done.stderr
    assert "Next: " in done.stderr
    assert list(one.grafts.glob("*.deb")) == []


@pytest.fixture
def flipped(
    whole: Library, made_arch: Arch, archive: Mirror, controller: Build, tmp_path: Path
) -> Flipped:
    """A controller whose archive has the donor with one byte changed, signed by its packager."""

    def serve(name: str, at: int, listed: bool) -> Builder:
        files = {path.name: path.read_bytes() for path in whole.donor.iterdir()}
        changed = bytearray(files[name])
        changed[at] ^= 0x20
        folder = tmp_path / "flipped"
        folder.mkdir()
        file = folder / FILE
        sums = {} if listed else {name: files[name]}
        file.write_bytes(package({**files, name: bytes(changed)}, listed=sums))
        file.with_name(f"{FILE}.sig").write_bytes(made_arch.keys.detached(file))
        one = controller("one")
        archive.serve_folder(upstream("arch-rocblas"), folder)
        return one

    return serve


def machine_code(content: bytes) -> int:
    """Where a code object's begins."""
    return content.index(bytes(codeobject.section(content, ".text") or b"none"))


def kernel_name(content: bytes) -> int:
    """Where the first of those begins that a runtime finds kernels by."""
    names = bytes(codeobject.section(content, ".dynstr") or b"none")
    return content.index(names) + names.index(b"Cijk_")


def machine(content: bytes) -> int:
    """Where an ELF says what it is for."""
    return 18


def test_a_byte_that_is_not_as_the_packages_own_list_says_is_refused_and_forgotten(
    whole: Library, flipped: Flipped
) -> None:
    one = flipped(PLAIN, machine_code((whole.donor / PLAIN).read_bytes()), listed=False)
    done = one.run()
    assert done.returncode == 1
    assert f"{PLAIN} has sha256" in done.stderr
    assert "its own .MTREE says" in done.stderr
    assert not (one.donors / FILE).exists()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (machine, f"{PLAIN} is for ELF machine "),
        (kernel_name, "are in no code object: Cijk_"),
    ],
)
def test_a_byte_that_decides_what_the_card_finds_is_refused_though_all_sums_are_right(
    whole: Library, flipped: Flipped, place: Callable[[bytes], int], said: str
) -> None:
    one = flipped(PLAIN, place((whole.donor / PLAIN).read_bytes()), listed=True)
    done = one.run()
    assert done.returncode == 1
    assert f"the donor {DONOR} does not fit" in done.stderr
    assert said in done.stderr


def test_a_byte_of_machine_code_that_its_packager_has_signed_for_is_taken(
    whole: Library, flipped: Flipped
) -> None:
    """What it computes only a card can tell; here signature and sums are all that there is."""
    one = flipped(PLAIN, machine_code((whole.donor / PLAIN).read_bytes()), listed=True)
    assert one.run().returncode == 0
    assert one.built().exists()


def test_a_byte_in_the_middle_of_packed_code_ends_in_a_package_or_in_a_reason(
    whole: Library, flipped: Flipped
) -> None:
    name = max(whole.donor.glob("*.co"), key=lambda path: path.stat().st_size).name
    one = flipped(name, (whole.donor / name).stat().st_size // 2, listed=True)
    done = one.run()
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or f"{name}: does not unpack" in done.stderr


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
