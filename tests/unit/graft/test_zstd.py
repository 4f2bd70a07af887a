"""Zstandard, by the Python library and by the system's own: both read the same, and no more."""

from __future__ import annotations

import ctypes
import io
import resource
import sys

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from roles.graft import libzstd, zstd
from roles.graft.bundle import MOST_UNPACKED, images
from roles.graft.libzstd import ZstdError
from roles.graft.zstd import Unpacker
from tests.tensile_files import TARGET, bundle, code, compressed

CONTENT = bytes(range(256)) * 2000
PACKED = zstandard.compress(CONTENT)
WINDOW = 1 << 20
both = pytest.mark.parametrize("unpack", [zstd.unpack, libzstd.unpack], ids=["python", "system"])


@both
def test_all_of_a_frame_or_its_first_bytes(unpack: Unpacker) -> None:
    assert unpack(memoryview(PACKED), len(CONTENT) + 1, WINDOW) == CONTENT
    assert unpack(memoryview(PACKED), 100_000, WINDOW) == CONTENT[:100_000]
    assert unpack(memoryview(PACKED), 0, WINDOW) == b""


@both
def test_what_follows_a_frame_is_left_alone(unpack: Unpacker) -> None:
    for more in (b"filler", bytes(4096), PACKED):
        assert unpack(memoryview(PACKED + more), len(CONTENT), WINDOW) == CONTENT


@both
def test_a_frame_that_is_cut_off_gives_less_and_ends(unpack: Unpacker) -> None:
    for end in range(0, len(PACKED), 7):
        got = unpack(memoryview(PACKED[:end]), 1 << 20, WINDOW)
        assert len(got) < len(CONTENT)
        assert CONTENT.startswith(got)


@both
def test_what_is_no_frame_is_refused(unpack: Unpacker) -> None:
    for broken in (b"<html> and no frame", PACKED[:5] + b"\xff" * 60):
        with pytest.raises(ZstdError):
            unpack(memoryview(broken), 1 << 20, WINDOW)


@both
def test_a_frame_that_asks_for_more_memory_than_it_may_is_refused(unpack: Unpacker) -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    packed = io.BytesIO()
    packer = zstandard.ZstdCompressor(compression_params=wide)
    with packer.stream_writer(packed, closefd=False) as writer:
        writer.write(CONTENT)
    assert unpack(memoryview(packed.getvalue()), 100, 1 << 27) == CONTENT[:100]
    with pytest.raises(ZstdError, match="too much memory"):
        unpack(memoryview(packed.getvalue()), 100, 1 << 26)


@both
def test_a_bomb_takes_no_memory(unpack: Unpacker) -> None:
    bomb = zstandard.compress(bytes(1 << 28))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(unpack(memoryview(bomb), 1000, MOST_UNPACKED)) == 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(at=st.integers(0, len(PACKED) - 1), value=st.binary(max_size=4), cut=st.integers(0, 40))
def test_damage_is_read_as_the_python_library_reads_it(at: int, value: bytes, cut: int) -> None:
    damaged = memoryview(PACKED[:at] + value + PACKED[at + cut :])
    results = []
    for unpack in (zstd.unpack, libzstd.unpack):
        try:
            results.append(bytes(unpack(damaged, 1 << 20, WINDOW)))
        except ZstdError:
            results.append(b"refused")
    assert results[0] == results[1]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a box, where there is no zstandard."""
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setattr(zstd, "unpacker", zstd.unpacker.__wrapped__)


@pytest.mark.usefixtures("bare")
def test_without_the_python_library_the_systems_takes_its_place() -> None:
    assert zstd.unpacker() is libzstd.unpack
    (image,) = images(compressed(bundle({TARGET: code("a")})))
    assert bytes(image.data) == code("a")


@pytest.mark.usefixtures("bare")
def test_without_either_it_says_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> ctypes.CDLL:
        raise OSError("cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", absent)
    libzstd.loaded.cache_clear()
    with pytest.raises(ZstdError, match=r"no libzstd\.so\.1"):
        zstd.unpack(memoryview(PACKED), 10, WINDOW)
