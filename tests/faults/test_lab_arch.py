"""The lab's Arch: packages as makepkg writes them, signed, and spoilt in one way each."""

from __future__ import annotations

from pathlib import Path

import pytest

from roles.graft.archive import Refused, unpack
from roles.upstream.openpgp import SignatureRefused, signer
from tests.lab import arch as room
from tests.lab.amd import small, tensile
from tests.lab.amd.release import Tensile
from tests.lab.amd.tensile import Library
from tests.lab.arch import (
    DONOR,
    FILE,
    MISFITS,
    NAMES,
    OTHER_KEY,
    VARIANTS,
    VERSION,
    WRONG_VERSION,
    Arch,
    arch,
    package,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Arch:
    """On a machine where Debian's packages are not to be had."""

    def small(base: Path, wanted: Tensile) -> Library:
        return tensile.made(base / wanted.name, wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "library", small)
        return arch(tmp_path_factory.mktemp("a"))


def test_every_variant_has_a_package_and_a_signature_under_the_names_of_archs_archive(
    made: Arch,
) -> None:
    for variant in VARIANTS:
        there = sorted(path.name for path in made.folder(variant).iterdir())
        assert there == [FILE, f"{FILE}.sig"]
    (route,) = made.routes()
    assert route.prefix == "packages/r/rocblas"


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_packager_has_signed_all_but_one(made: Arch, variant: str) -> None:
    file = made.folder(variant) / FILE
    checked = (file, file.with_name(f"{FILE}.sig"), made.key.read_bytes())
    if variant == OTHER_KEY:
        with pytest.raises(SignatureRefused, match="none of the 1 that count"):
            signer(*checked)
    else:
        assert signer(*checked) == made.keys.fingerprint


def test_the_packages_are_what_they_are_for(made: Arch, tmp_path: Path) -> None:
    for variant in (DONOR, MISFITS, OTHER_KEY):
        found = unpack(made.folder(variant) / FILE, "gfx906", tmp_path / variant, expected=VERSION)
        assert set(found.files) == {*small.donor(), small.FALLBACK}
    with pytest.raises(Refused, match=r"7\.2\.4-2"):
        unpack(made.folder(WRONG_VERSION) / FILE, "gfx906", tmp_path / "x", expected=VERSION)


def test_a_package_is_the_same_bytes_again() -> None:
    assert package(NAMES) == package(NAMES)
