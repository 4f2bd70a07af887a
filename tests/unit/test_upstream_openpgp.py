"""Who signed a file: a good signature by a key that counts, or a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from roles.graft.donor import KEYS
from roles.upstream.openpgp import SignatureRefused, fingerprints, signer

GIVEN = Path(__file__).parent / "fixtures/openpgp"  # make.sh says what is in it
FILE = GIVEN / "file"
PACKAGER = "1C1980AAF892A155F870BDA0C18BDE0F92B4C066"


def key(*names: str) -> bytes:
    return b"".join((GIVEN / f"{name}.asc").read_bytes() for name in names)


def test_a_good_signature_names_its_certificate_among_several() -> None:
    assert signer(FILE, GIVEN / "packager.sig", key("stranger", "packager")) == PACKAGER


def test_a_subkeys_signature_names_the_certificate() -> None:
    assert signer(FILE, GIVEN / "subkey.sig", key("subkey")).startswith("4F2E0CCD")


def test_a_key_that_has_expired_since_it_signed_counts() -> None:
    assert signer(FILE, GIVEN / "expired.sig", key("expired")).startswith("BB1F409A")


@pytest.mark.parametrize(
    ("by", "keys", "why"),
    [
        ("stranger", ("packager", "expired"), "by the key 3B2650F6.*, none of the 2 that count"),
        ("revoked", ("revoked",), "by the key AE280A43.*, which its owner has revoked"),
        ("too-late", ("expired",), "made it on 2025-03-01, expired since 2024-06-01"),
    ],
)
def test_a_key_that_does_not_count_is_named_with_the_reason(
    by: str, keys: tuple[str, ...], why: str
) -> None:
    with pytest.raises(SignatureRefused, match=why):
        signer(FILE, GIVEN / f"{by}.sig", key(*keys))


def test_a_changed_file_is_told_from_a_wrong_key(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FILE.read_bytes() + b".")
    with pytest.raises(SignatureRefused, match=f"the key {PACKAGER} has signed something else"):
        signer(tmp_path / "file", GIVEN / "packager.sig", key("packager"))


@pytest.mark.parametrize("content", [b"", b"<html>Sign in</html>", b"\x88"])
def test_what_is_no_signature_is_called_so(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "sig").write_bytes(content)
    with pytest.raises(SignatureRefused, match="sig is no OpenPGP signature"):
        signer(FILE, tmp_path / "sig", key("packager"))


def test_a_file_that_is_not_there_is_no_bad_signature(tmp_path: Path) -> None:
    with pytest.raises(SignatureRefused, match="No such file"):
        signer(tmp_path / "file", GIVEN / "packager.sig", key("packager"))


def test_arch_linuxs_keys_have_rocblas_packager_and_no_main_key() -> None:
    found = fingerprints((KEYS / "archlinux.pgp").read_bytes())
    assert len(found) == len(set(found)) == 78
    assert "04CF0CD6F6EE93AE1896F58407D06351CA5B31BE" in found
    assert "D8AFDDA07A5B6EDFA7D8CCDAD6D055F927843F1C" not in found
