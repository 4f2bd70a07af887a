"""Parts of real sets, where the folder that holds them lies beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from roles.graft import bundle, codeobject, tensile
from roles.graft.fit import fit, listing

SAMPLES = Path(__file__).parents[4] / "shared/testdata"
DEBIAN = SAMPLES / "debian_tensile_sample"
ARCH = SAMPLES / "johncoffee715_mi50-rocm7"
STEM = "TensileLibrary_Type_CC_Contraction_l_Ailk_BjlkC_Cijk_Dijk"
LAZY = "TensileLibrary_lazy_gfx906.dat"

no_debian = pytest.mark.skipif(not DEBIAN.is_dir(), reason="no sample beside the checkout")
no_arch = pytest.mark.skipif(not ARCH.is_dir(), reason="no listing beside the checkout")


@no_debian
@pytest.mark.parametrize(("release", "count"), [("6.4.4", 88), ("7.2.4", 96)])
def test_the_lazy_catalog_names_as_many_as_were_counted(release: str, count: int) -> None:
    found = tensile.lazy((DEBIAN / release / LAZY).read_bytes())
    assert (found.archs, len(found.stems)) == (frozenset({"gfx906"}), count)


@no_debian
@pytest.mark.parametrize("release", ["6.4.4", "7.2.4"])
@pytest.mark.parametrize(
    ("catalog", "code"), [(f"{STEM}_gfx906", ".co"), (f"{STEM}_fallback", "_gfx906.hsaco")]
)
def test_every_kernel_of_a_catalog_is_in_its_own_code_object(
    release: str, catalog: str, code: str
) -> None:
    wanted = tensile.kernels(bundle.mapped(DEBIAN / release / f"{catalog}.dat"))
    (image,) = bundle.images(bundle.mapped(DEBIAN / release / f"{catalog}{code}"))
    found = codeobject.read(image.data)
    assert (found.arch, found.xnack) == ("gfx906", "any")
    assert wanted
    assert wanted <= found.kernels


@no_debian
def test_no_kernel_of_one_release_is_in_the_others_fallback() -> None:
    wanted = tensile.kernels(bundle.mapped(DEBIAN / f"7.2.4/{STEM}_fallback.dat"))
    (image,) = bundle.images(bundle.mapped(DEBIAN / f"6.4.4/{STEM}_fallback_gfx906.hsaco"))
    assert not wanted & codeobject.read(image.data).kernels


@no_debian
def test_a_part_of_a_set_does_not_fit() -> None:
    found = fit(listing(DEBIAN / "7.2.4"), "gfx906")
    assert (found.fits, found.catalogs, found.problems) == (False, 3, ())
    assert "Kernels.so-000-gfx906.hsaco" in found.missing
    assert [gap.catalog[:22] for gap in found.gaps] == ["TensileLibrary_Type_DD"]


@no_arch
@no_debian
def test_the_names_of_archs_files_are_taken_for_what_they_are(tmp_path: Path) -> None:
    """Its 42 catalogs and their code are there by name: a set with 54 fallbacks beside it."""
    rows = (ARCH / "tensor-files.magic.tsv").read_text().splitlines()
    names = [row.split("\t")[0].removeprefix("tensor-files/") for row in rows]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / LAZY).write_bytes((DEBIAN / "7.2.4" / LAZY).read_bytes())
    found = fit(listing(tmp_path), "gfx906")
    assert len(names) == 156
    assert all(problem.endswith(": empty") for problem in found.problems)
    assert (len(found.problems), len(found.absent)) == (155, 54)
    assert all(name.endswith("_fallback.dat") for name in found.absent)
