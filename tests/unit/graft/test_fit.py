"""Fit: every kernel that the catalogs name is in the code objects, or what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from roles.graft.fit import Fit, carries, fit, laid, listing
from tests.tensile_files import (
    FALLBACK,
    GFX908,
    TARGET,
    TUNED,
    XNACK_OFF,
    XNACK_ON,
    bundle,
    catalog,
    code,
    lazy,
    library,
    put,
    target,
    tensile,
)

Files = dict[str, bytes]
LAZY = "TensileLibrary_lazy_gfx906.dat"
HELPERS = "Kernels.so-000-gfx906.hsaco"


def judged(folder: Path, files: Files, arch: str = "gfx906") -> Fit:
    return fit(listing(put(folder, files)), arch)


def test_a_whole_library_fits(tmp_path: Path) -> None:
    found = judged(tmp_path, tensile())
    assert (found.catalogs, found.kernels, found.missing, found.reasons) == (2, 5, (), ())
    assert found.fits
    assert found.to_json()["fits"] is True


def test_a_library_of_amds_file_names_fits(tmp_path: Path) -> None:
    files = {
        name.replace("gfx906.hsaco", "gfx906-xnack-.hsaco"): content
        for name, content in tensile(features=XNACK_OFF).items()
    }
    assert judged(tmp_path, files).fits


def test_an_empty_folder_does_not_fit(tmp_path: Path) -> None:
    found = judged(tmp_path, {})
    assert not found.fits
    assert set(found.missing) == {LAZY, HELPERS}


@pytest.mark.parametrize("name", sorted(tensile()))
def test_each_file_is_missed(tmp_path: Path, name: str) -> None:
    files = tensile()
    del files[name]
    found = judged(tmp_path, files)
    assert not found.fits
    if name.endswith(".hsaco") and "Dijk_gfx906" in name:  # beside a .co it may be there or not
        assert found.missing == ("Cijk_SB_2",)
    else:
        assert name in found.missing


@pytest.mark.parametrize("name", sorted(tensile()))
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _: b"<!DOCTYPE html><title>404</title>", "an HTML page"),
        (lambda _: b"", "empty"),
        (lambda content: content[: len(content) // 2], ""),
    ],
)
def test_each_file_is_read(
    tmp_path: Path, name: str, spoil: Callable[[bytes], bytes], said: str
) -> None:
    files = tensile()
    files[name] = spoil(files[name])
    found = judged(tmp_path, files)
    assert not found.fits
    assert [problem for problem in found.problems if problem.startswith(f"{name}: {said}")]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (code("Cijk_SB_2", mach=GFX908), "gfx908"),
        (code("Cijk_SB_2", features=XNACK_ON), "gfx906:xnack+"),
        (library(), "x86-64 host code"),
        (bundle({target("gfx908"): code("Cijk_SB_2")}), f"{target('gfx908')}, and holds gfx906"),
    ],
)
def test_what_does_not_run_on_the_card_is_of_the_wrong_arch(
    tmp_path: Path, content: bytes, found: str
) -> None:
    name = f"{TUNED}_gfx906.hsaco"
    judgement = judged(tmp_path, tensile() | {name: content})
    assert not judgement.fits
    assert judgement.wrong_arch == (name,)
    assert f"{name} is for {found}, not for gfx906" in judgement.reasons


def test_a_bundle_for_several_archs_serves_each(tmp_path: Path) -> None:
    both = bundle(
        {target("gfx908"): code("other", mach=GFX908), TARGET: code("Cijk_SB_2")},
    )
    assert judged(tmp_path, tensile() | {f"{TUNED}_gfx906.hsaco": both}).fits


def test_files_renamed_from_another_arch_are_of_the_wrong_arch(tmp_path: Path) -> None:
    files = {
        name.replace("gfx908", "gfx906"): content
        for name, content in tensile("gfx908", GFX908).items()
    }
    found = judged(tmp_path, files)
    assert not found.fits
    assert set(found.wrong_arch) == {
        name for name in files if name.endswith((".co", ".hsaco")) or name == LAZY
    }


def test_a_file_of_the_arch_that_no_catalog_names_is_looked_at_too(tmp_path: Path) -> None:
    found = judged(tmp_path, tensile() | {"more_gfx906.co": code("more", mach=GFX908)})
    assert found.wrong_arch == ("more_gfx906.co",)
    other = tensile() | {"more_gfx908.co": b"not looked at"}
    assert judged(tmp_path / "other", other).fits


def test_the_files_for_xnack_on_beside_those_for_xnack_off_are_let_be(tmp_path: Path) -> None:
    files = tensile()
    helpers = files.pop(HELPERS)
    files[HELPERS.replace(".hsaco", "-xnack-.hsaco")] = helpers
    on = HELPERS.replace(".hsaco", "-xnack+.hsaco")
    assert judged(tmp_path, files | {on: code("helper", features=XNACK_ON)}).fits


def test_kernels_that_are_absent_are_told_by_name(tmp_path: Path) -> None:
    found = judged(tmp_path, tensile() | {f"{FALLBACK}.dat": catalog("Cijk_BB_0", "of another")})
    assert found.missing == ("of another",)
    (reason,) = found.reasons
    assert reason == f"1 of 2 kernels of {FALLBACK}.dat are in no code object: of another"


def test_a_lazy_catalog_that_names_nothing_does_not_fit(tmp_path: Path) -> None:
    found = judged(tmp_path, tensile() | {LAZY: lazy()})
    assert not found.fits
    assert found.problems == (f"{LAZY}: names no catalog",)


def test_a_catalog_that_leads_out_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    put(tmp_path, {"outside.dat": catalog()})
    found = judged(tmp_path / "library", tensile() | {LAZY: lazy("../outside")})
    assert found.missing == ("../outside.dat",)


def test_where_there_is_a_folder_of_the_arch_only_that_counts(tmp_path: Path) -> None:
    inside = {f"gfx906/{name}": content for name, content in tensile().items()}
    assert judged(tmp_path / "inside", inside).fits
    (tmp_path / "empty/gfx906").mkdir(parents=True)
    assert not judged(tmp_path / "empty", tensile()).fits
    (tmp_path / "other/gfx1100").mkdir(parents=True)
    assert judged(tmp_path / "other", tensile()).fits


def test_a_donor_of_the_same_build_fits_either_way(tmp_path: Path) -> None:
    own = listing(put(tmp_path / "library", tensile("gfx908", GFX908)))
    donor = listing(put(tmp_path / "donor", tensile()))
    assert fit(own, "gfx906", donor, "flat").fits
    assert fit(own, "gfx906", donor, "arch-dir").fits
    assert fit(own, "gfx908").fits


def test_a_donor_of_another_build_fits_in_its_own_folder_only(tmp_path: Path) -> None:
    own = listing(put(tmp_path / "library", tensile("gfx908", GFX908)))
    donor = listing(put(tmp_path / "donor", tensile(build="_ELFLR0")))
    flat = fit(own, "gfx906", donor, "flat")
    assert not flat.fits
    assert flat.missing == ("Cijk_BB_0", "Cijk_BB_1")
    assert fit(own, "gfx906", donor, "arch-dir").fits


def test_a_donor_without_fallback_catalogs_needs_the_librarys(tmp_path: Path) -> None:
    own = listing(put(tmp_path / "library", tensile("gfx908", GFX908)))
    donor = listing(put(tmp_path / "donor", tensile()))
    del donor[f"{FALLBACK}.dat"]
    assert fit(own, "gfx906", donor, "flat").fits
    assert fit(own, "gfx906", donor, "arch-dir").missing == (f"{FALLBACK}.dat",)


def test_what_the_library_has_of_the_arch_gives_way_to_the_donor(tmp_path: Path) -> None:
    stale = {"old_gfx906.co": b"stale", "gfx906/old.co": b"stale", LAZY: b"stale", "notes": b""}
    own = listing(put(tmp_path / "library", stale | {f"{FALLBACK}.dat": b"its own"}))
    donor = listing(put(tmp_path / "donor", tensile()))
    files = laid(own, "gfx906", donor, "flat")
    assert set(files) == set(tensile()) | {"notes"}
    assert files[f"{FALLBACK}.dat"] == own[f"{FALLBACK}.dat"]
    assert files[LAZY] == donor[LAZY]


@pytest.mark.parametrize(
    ("name", "arch", "carried"),
    [
        ("Kernels.so-000-gfx906.hsaco", "gfx906", True),
        ("Kernels.so-000-gfx906-xnack-.hsaco", "gfx906", True),
        ("x_gfx1100.co", "gfx110", False),
        ("x_gfx90a.co", "gfx90", False),
        ("x_fallback.dat", "gfx906", False),
    ],
)
def test_which_names_are_of_an_arch(name: str, arch: str, carried: bool) -> None:
    assert carries(name, arch) is carried
