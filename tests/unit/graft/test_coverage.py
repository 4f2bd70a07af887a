"""Coverage: which libraries have code for the card, and what to say where they have none."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from roles.graft.bundle import UnreadableError
from roles.graft.coverage import coverage
from roles.graft.libraries import Library, known
from tests.tensile_files import (
    FALLBACK,
    GFX908,
    TARGET,
    bundle,
    code,
    compressed,
    library,
    put,
    target,
    tensile,
)

NEWER = compressed(bundle({target("gfx90a:xnack-"): b"x", target("gfx1100"): b"x"}))
OLDER = compressed(bundle({TARGET: code("a"), target("gfx908"): b"x"}))
TREE = {
    "lib/librocblas.so.5.0.70002": library(NEWER, NEWER),
    "lib/librocsolver.so.0": library(NEWER, bundle({TARGET: code("a")})),
    "lib/librocfft.so.0": library(),
    "lib/libhipblaslt.so.1": library(NEWER),
    "lib/librccl.so.1": b"<html>",
    "lib/librocblas.so.5-gdb.py": b"no library",
    "lib/rocblas/library/TensileLibrary_lazy_gfx1100.dat": b"not looked at",
    f"lib/rocblas/library/{FALLBACK}.dat": b"not looked at",
    "lib/hipblaslt/library/extop_gfx942.co": b"not looked at",
}


def looked_at(path: Path) -> dict[str, Library]:
    found = coverage(path)
    assert len({one.name for one in found.libraries}) == len(found.libraries)
    return {one.name: one for one in found.libraries}


def test_a_rocm_tree_library_by_library(tmp_path: Path) -> None:
    put(tmp_path, TREE)
    found = looked_at(tmp_path)
    assert list(found) == [row.name for row in known() if row.name in found]
    assert found["rocBLAS"].archs == ("gfx1100", "gfx90a")
    assert found["rocSOLVER"].archs == ("gfx1100", "gfx906", "gfx90a")
    assert {name for name, one in found.items() if one.has_arch} == {"rocSOLVER"}
    assert {name for name, one in found.items() if one.lacks} == {
        "rocBLAS",
        "rocBLAS Tensile files",
        "RCCL",
    }


def test_what_does_not_work_is_said_in_words(tmp_path: Path) -> None:
    found = looked_at(put(tmp_path, TREE))
    assert "gemv, trsm" in found["rocBLAS"].says
    assert "A graft of gfx906 files mends it" in found["rocBLAS Tensile files"].says
    assert "it compiles for gfx906 when it runs" in found["rocFFT"].says
    assert "PyTorch falls back to rocBLAS" in found["hipBLASLt"].says
    assert found["rocSOLVER"].says.endswith("has code for gfx906")
    assert found["RCCL"].says == "cannot be read: an HTML page"


def test_a_grafted_tree_has_gemm(tmp_path: Path) -> None:
    put(tmp_path / "lib/rocblas/library", tensile())
    assert looked_at(tmp_path)["rocBLAS Tensile files"].has_arch


def test_files_of_the_arch_that_do_not_fit_do_not_count(tmp_path: Path) -> None:
    files = tensile()
    del files[f"{FALLBACK}_gfx906.hsaco"]
    put(tmp_path / "lib/rocblas/library", files)
    found = looked_at(tmp_path)["rocBLAS Tensile files"]
    assert (found.has_arch, found.archs) == (False, ("gfx906",))
    assert f"do not fit: {FALLBACK}_gfx906.hsaco is absent (and 1 more)" in found.says


def test_a_library_with_many_names_is_looked_at_once(tmp_path: Path) -> None:
    put(tmp_path / "real", {"lib/librocblas.so.5.0": library(OLDER)})
    (tmp_path / "real/lib/librocblas.so").symlink_to("librocblas.so.5.0")
    (tmp_path / "real/lib64").symlink_to("lib")
    (tmp_path / "rocm").symlink_to("real")
    found = looked_at(tmp_path / "rocm")["rocBLAS"]
    assert found.path == str((tmp_path / "real/lib/librocblas.so.5.0").resolve())


def test_code_for_xnack_on_alone_is_none_for_the_card(tmp_path: Path) -> None:
    put(tmp_path, {"librccl.so": library(bundle({f"{TARGET}:xnack+": b"x"}))})
    found = looked_at(tmp_path)["RCCL"]
    assert (found.has_arch, found.archs) == (False, ("gfx906:xnack+",))


def test_a_venv_and_its_wheel_are_the_same(tmp_path: Path) -> None:
    files = {
        "torch/lib/libtorch_hip.so": library(OLDER, NEWER),
        "torch/lib/librocblas.so": library(NEWER),
        "torch/lib/rocblas/library/TensileLibrary_lazy_gfx1100.dat": b"not looked at",
        **{f"torch/lib/rocblas/library/{name}": data for name, data in tensile().items()},
        "torch/lib/hipblaslt/library/extop_gfx942.co": b"not looked at",
    }
    put(tmp_path / "venv/lib/python3.12/site-packages", files)
    wheel = tmp_path / "torch-2.9.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    in_venv, in_wheel = looked_at(tmp_path / "venv"), looked_at(wheel)
    assert in_wheel.keys() == in_venv.keys()
    assert in_wheel["PyTorch"].path == "torch/lib/libtorch_hip.so"
    assert {name for name, one in in_wheel.items() if one.has_arch} == {
        "PyTorch",
        "rocBLAS Tensile files",
    }
    for name, one in in_wheel.items():
        assert (one.archs, one.says) == (in_venv[name].archs, in_venv[name].says)


def test_another_card_is_asked_for_by_its_arch(tmp_path: Path) -> None:
    put(tmp_path, {"librccl.so": library(bundle({target("gfx908"): code("a", mach=GFX908)}))})
    (found,) = coverage(tmp_path, "gfx908").libraries
    assert found.has_arch


def test_what_holds_no_library_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"PK\x03\x04 and no more")
    for path, said in (
        (tmp_path / "gone", "not there"),
        (tmp_path, "holds no library that we know"),
        (broken, "cannot be unpacked"),
    ):
        with pytest.raises(UnreadableError, match=said):
            coverage(path)


def test_a_wheel_that_claims_to_unpack_to_more_than_any_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "torch.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("torch/lib/librccl.so", b"small")
        archive.infolist()[0].file_size = 1 << 40
    with pytest.raises(UnreadableError, match="claims 1099511627776 bytes"):
        coverage(wheel)
