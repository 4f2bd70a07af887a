"""Tensile's catalogs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import msgpack  # type: ignore[import-untyped]
import pytest

from roles.graft import tensile
from roles.graft.bundle import UnreadableError
from tests.tensile_files import FALLBACK, TUNED, catalog, lazy

READERS: list[Callable[[bytes], object]] = [tensile.lazy, tensile.kernels]


def test_the_lazy_catalog_names_each_catalog_once_in_order() -> None:
    found = tensile.lazy(lazy(f"{TUNED}_gfx906", FALLBACK, FALLBACK))
    assert found == tensile.Lazy(frozenset({"gfx906"}), (f"{TUNED}_gfx906", FALLBACK))


def test_a_catalog_names_its_kernels() -> None:
    assert tensile.kernels(catalog("one", "two", "one")) == {"one", "two"}
    assert tensile.kernels(catalog()) == frozenset()


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"<!doctype html>", "an HTML page"),
        (b"\x1f\x8b" + bytes(9), "gzip data"),
        (catalog("one")[:-1], "truncated"),
        (lazy(TUNED)[:20], "truncated"),
        (b"\x81" * 5000, "broken msgpack|no Tensile catalog"),
        (b"\x81\xa1a" + b"\x91" * 5000 + b"\xc0", "broken msgpack"),
        (b"\x81\xa1a\xdd\xff\xff\xff\xff", "broken msgpack|truncated"),
        (catalog("one") + b"\xc0", "broken msgpack|goes on after its end"),
    ],
)
def test_what_is_no_catalog_is_refused(
    read: Callable[[bytes], object], data: bytes, said: str
) -> None:
    with pytest.raises(UnreadableError, match=said):
        read(data)


@pytest.mark.parametrize(
    "content", [{}, {"library": 1}, {1: 2}, {"solutions": 5}, {"solutions": [{"name": [1]}]}]
)
def test_msgpack_that_is_no_catalog_is_refused(content: object) -> None:
    with pytest.raises(UnreadableError):
        tensile.kernels(msgpack.packb(content))


@pytest.mark.parametrize("read", READERS)
def test_lists_in_lists_that_claim_to_be_long_take_no_memory(
    read: Callable[[bytes], object],
) -> None:
    deep = b"\x82\xa1a" + b"\xdd\x00\xff\xff\xff" * 400
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError):
            read(deep)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_tree_in_place_of_a_name_is_not_made() -> None:
    with pytest.raises(UnreadableError, match="no name at byte"):
        tensile.kernels(b"\x81\xa9solutions\x91\x81\xa4name\xdc\xff\xff" + b"\x90" * 65535)


def test_a_catalog_larger_than_any_is_not_read() -> None:
    with pytest.raises(UnreadableError, match="we read catalogs of"):
        tensile.lazy(bytes(tensile.MOST_LAZY + 1))
