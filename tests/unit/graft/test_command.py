"""`python -m roles.graft`: what it prints, and how it ends."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from roles.graft import __main__ as command
from tests.tensile_files import GFX908, TARGET, bundle, code, library, put, tensile
from tests.unit.fixtures.commands import runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return runner(command, monkeypatch, capsys)


@pytest.fixture
def amd(tmp_path: Path) -> Path:
    """A library as AMD ships it: without gfx906."""
    return put(tmp_path / "amd", tensile("gfx908", GFX908))


@pytest.fixture
def donor(tmp_path: Path) -> Path:
    return put(tmp_path / "donor", tensile())


def test_a_library_that_fits_ends_with_0(run: Any, donor: Path) -> None:
    ran = run("fit", donor, "--arch", "gfx906", "--json")
    assert ran.status == 0
    expected = {"catalogs": 2, "kernels": 5, "missing": [], "wrong_arch": [], "fits": True}
    assert expected.items() <= ran.json.items()


def test_one_without_the_arch_ends_with_1_and_says_what_is_absent(run: Any, amd: Path) -> None:
    ran = run("fit", amd)
    assert ran.status == 1
    assert "does not fit: for gfx906, 0 catalogs" in ran.out
    assert "TensileLibrary_lazy_gfx906.dat is absent" in ran.out


def test_a_donor_makes_it_fit(run: Any, amd: Path, donor: Path) -> None:
    assert run("fit", amd, "--donor", donor).status == 0
    assert run("fit", amd, "--donor", donor, "--layout", "arch-dir").status == 0


def test_a_donor_of_another_build_is_told_apart(run: Any, amd: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other", tensile(build="_ELFLR0"))
    ran = run("fit", amd, "--donor", other)
    assert ran.status == 1
    assert "built with another list of archs" in ran.out
    assert "--layout arch-dir" in ran.out


def test_a_package_is_a_donor_too(run: Any, amd: Path, tmp_path: Path) -> None:
    package = tmp_path / "tensile.tar.gz"
    with tarfile.open(package, "w:gz") as tar:
        for name, content in tensile().items():
            member = tarfile.TarInfo(f"rocblas/library/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    ran = run("fit", amd, "--donor", package, "--json")
    assert (ran.status, ran.json["fits"]) == (0, True)


def test_what_is_not_there_ends_with_2_and_one_line(run: Any, amd: Path, tmp_path: Path) -> None:
    page = put(tmp_path, {"rocblas.pkg.tar.zst": b"<!DOCTYPE html>"}) / "rocblas.pkg.tar.zst"
    tree = put(tmp_path / "rocm", {"lib/rocblas/library/x": b""})
    for arguments in (
        ("fit", tmp_path / "gone"),
        ("fit", page),
        ("fit", tree),
        ("fit", amd, "--donor", tmp_path / "gone"),
        ("fit", amd, "--donor", page),
        ("coverage", tmp_path / "gone"),
        ("coverage", amd),
    ):
        ran = run(*arguments)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
        assert "Next: " in ran.err


@pytest.mark.parametrize("arguments", [(), ("fit",), ("fit", ".", "--arch", "gfx9")])
def test_a_wrong_command_line_ends_with_2(run: Any, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_coverage_for_a_person_and_for_a_program(run: Any, tmp_path: Path) -> None:
    put(tmp_path, {"librccl.so": library(bundle({TARGET: code("a")})), "librocrand.so": library()})
    ran = run("coverage", tmp_path)
    assert ran.status == 0
    assert "works          RCCL (librccl.so)" in ran.out
    assert "LACKS          rocRAND (librocrand.so)" in ran.out
    assert ran.out.endswith("1 of 2 lack what gfx906 needs\n")
    rand, rccl = run("coverage", tmp_path, "--json").json["libraries"]
    assert rand.keys() == {"name", "path", "archs", "has_arch", "needed", "says"}
    assert (rand["has_arch"], rccl["has_arch"]) == (False, True)
