"""Containers of device code."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import pytest

from roles.graft.bundle import (
    LONGEST_TARGET,
    MOST_TARGETS,
    MOST_UNPACKED,
    UnreadableError,
    arch_of,
    images,
    mapped,
    targets,
)
from tests.tensile_files import TARGET, bundle, code, compressed, target

CODE = code("a")
EVERY_CONTAINER = [
    compressed(bundle({TARGET: CODE}), version, method)
    for version in (1, 2, 3)
    for method in (0, 1)
]


def refused(data: bytes) -> str:
    with pytest.raises(UnreadableError) as error:
        list(images(data))
    return str(error.value)


def test_a_bare_elf_is_its_own_image() -> None:
    (image,) = images(CODE)
    assert (image.target, bytes(image.data)) == ("", CODE)


@pytest.mark.parametrize("data", [bundle({TARGET: CODE}), *EVERY_CONTAINER])
def test_every_container_gives_the_code_and_not_the_hosts_empty_entry(data: bytes) -> None:
    (image,) = images(data)
    assert (image.target, bytes(image.data)) == (TARGET, CODE)


def test_a_page_is_filled_up_behind_a_compressed_bundle() -> None:
    assert len(list(images(compressed(bundle({TARGET: CODE})) + bytes(100)))) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\n<!DOCTYPE html><html><title>404</title>", "an HTML page"),
        (b"<HTML>", "an HTML page"),
        (b"\x1f\x8b\x08" + bytes(40), "gzip data"),
        (b"\x28\xb5\x2f\xfd" + bytes(40), "Zstandard data"),
        (b"PK\x03\x04", "a zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (bytes(4096), "nothing but zero bytes"),
        (b"\x01\x02\x03", "unknown data that begins 01 02 03"),
        (bundle({}), "without device code"),
        (bundle({TARGET: b""}), "without device code"),
        (CODE[:3], "unknown data"),
        (bundle({TARGET: CODE})[:40], "truncated"),
        (bundle({TARGET: CODE})[:-1], "truncated"),
        (compressed(bundle({TARGET: CODE}))[:-1], "truncated"),
        (compressed(bundle({TARGET: CODE}), version=1)[:-9], "unpacks to"),
        (compressed(b"<html>" + bytes(500)), "an HTML page"),
        (compressed(compressed(bundle({TARGET: CODE}))), "compressed twice"),
        (b"CCOB\x04\x00" + bytes(40), "of version 4"),
        (b"CCOB\x01\x00\x07\x00" + bytes(40), "method 7"),
        (b"CCOB\x03\x00", "truncated"),
    ],
)
def test_what_is_no_device_code_is_called_by_its_name(data: bytes, said: str) -> None:
    assert said in refused(data)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("method", [0, 1])
@pytest.mark.parametrize("claim", [0, 100, len(bundle({TARGET: CODE})) + 1, MOST_UNPACKED + 1])
def test_a_size_that_is_not_so_is_refused(version: int, method: int, claim: int) -> None:
    assert refused(compressed(bundle({TARGET: CODE}), version, method, claim))


@pytest.mark.parametrize("method", [0, 1])
def test_a_bomb_is_not_unpacked_and_a_claim_takes_no_memory(method: int) -> None:
    bomb = compressed(bytes(64 << 20), 3, method, claim=1000)
    liar = compressed(bundle({TARGET: CODE}), 3, method, claim=MOST_UNPACKED)
    huge = compressed(bundle({TARGET: CODE}), 3, method, claim=1 << 40)
    tracemalloc.start()
    try:
        assert "unpacks to more" in refused(bomb)
        assert "not to the 268435456 bytes" in refused(liar)
        assert "claims to unpack to 1099511627776" in refused(huge)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_table_without_end_is_refused() -> None:
    many = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", 1 << 63)
    assert "claims 9223372036854775808 entries" in refused(many)
    long = many[:24] + struct.pack("<QQQQ", 1, 0, 0, 1 << 40)
    assert "a target of 1099511627776 characters" in refused(long)


def test_a_library_is_asked_for_its_targets_without_being_unpacked() -> None:
    other = bundle({target("gfx90a:sramecc+:xnack-"): b"not looked at", TARGET: b""})
    filler = bytes(3 * 4096)
    parts = [bundle({TARGET: CODE}), compressed(other), *EVERY_CONTAINER, filler, other]
    fatbin = b"".join(each + b"\0" * (-len(each) % 4096) for each in parts)
    found = list(targets(memoryview(fatbin)))
    mine, others = TARGET, target("gfx90a:sramecc+:xnack-")
    assert found == [mine, others, *[mine] * len(EVERY_CONTAINER), others]


def test_the_largest_table_that_we_accept_fits_in_what_is_unpacked_of_a_bundle() -> None:
    names = [f"{number:0{LONGEST_TARGET}}" for number in range(MOST_TARGETS - 1)]
    full = compressed(bundle({name: bytes(1000) for name in names}))
    assert len(list(targets(memoryview(full)))) == MOST_TARGETS - 1


@pytest.mark.parametrize(
    ("name", "arch"),
    [
        ("hipv4-amdgcn-amd-amdhsa--gfx906", "gfx906"),
        ("hipv4-amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-", "gfx90a"),
        ("hip-amdgcn-amd-amdhsa-unknown-gfx1100", "gfx1100"),
        ("hip-amdgcn-amd-amdhsa--gfx9-4-generic:xnack+", "gfx9-4-generic"),
        ("host-x86_64-unknown-linux--", None),
    ],
)
def test_the_arch_in_a_target(name: str, arch: str | None) -> None:
    assert arch_of(name) == arch


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert len(mapped(tmp_path / "empty")) == 0
    for path, said in ((tmp_path, "not a file"), (tmp_path / "gone", "not there")):
        with pytest.raises(UnreadableError, match=said):
            mapped(path)
