"""Whatever a file holds, its reader ends soon, takes little, and says what is wrong in one way."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roles.graft import bundle, codeobject, tensile
from roles.graft.bundle import UnreadableError
from tests.tensile_files import FALLBACK, TARGET, TUNED, catalog, code, compressed, lazy
from tests.tensile_files import bundle as bundled

CODE = code("one", "two")
BUNDLE = bundled({TARGET: CODE, f"{TARGET}:xnack-": CODE})
HEADS = (b"", b"\x7fELF\x02\x01\x01\x40\x02", b"__CLANG_OFFLOAD_BUNDLE__", b"CCOB")


def containers(data: bytes) -> None:
    for image in bundle.images(data):
        codeobject.read(image.data)


def fatbin(data: bytes) -> None:
    list(bundle.targets(memoryview(data)))


def section(data: bytes) -> None:
    codeobject.section(data, ".hip_fatbin")


READERS: dict[Callable[[bytes], object], tuple[bytes, ...]] = {
    containers: (
        CODE,
        BUNDLE,
        *(compressed(BUNDLE, version, method) for version in (1, 2, 3) for method in (0, 1)),
    ),
    fatbin: (BUNDLE, compressed(BUNDLE), compressed(BUNDLE, 1, 0) + bytes(4096) + BUNDLE),
    section: (CODE,),
    tensile.lazy: (lazy(TUNED, FALLBACK),),
    tensile.kernels: (catalog("one", "two"),),
}
quick = settings(max_examples=50, deadline=None, derandomize=True, database=None)
readers = pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)


@st.composite
def mutated(draw: st.DrawFn, whole: tuple[bytes, ...]) -> bytes:
    """A file of this kind with some bytes changed, cut off, put in or said to be enormous."""
    data = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(1, 4))):
        # Most of what a header says is in the first bytes.
        at = draw(st.integers(0, min(len(data), 128)) | st.integers(0, len(data)))
        change = draw(st.sampled_from(["set", "cut", "insert", "huge"]))
        if change == "set":
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=2))
        elif change == "cut":
            del data[at : at + draw(st.integers(1, len(data) + 1))]
        elif change == "insert":
            data[at:at] = draw(st.binary(max_size=40))
        else:
            data[at : at + 8] = draw(st.sampled_from([b"\xff" * 8, b"\xff" * 4, b"\0" * 8]))
    return bytes(data)


@contextlib.contextmanager
def within(megabytes: int) -> Iterator[None]:
    """Nothing but an UnreadableError, and no more memory than this."""
    tracemalloc.start()
    try:
        with contextlib.suppress(UnreadableError):
            yield
        assert tracemalloc.get_traced_memory()[1] < megabytes << 20
    finally:
        tracemalloc.stop()


@readers
@quick
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(
    read: Callable[[bytes], object], data: st.DataObject
) -> None:
    content = data.draw(mutated(READERS[read]))
    with within(megabytes=8):
        read(content)


@readers
@quick
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(
    read: Callable[[bytes], object], head: bytes, rest: bytes
) -> None:
    with within(megabytes=8):
        read(head + rest)


@readers
def test_what_the_damage_is_done_to_is_whole(read: Callable[[bytes], object]) -> None:
    for content in READERS[read]:
        read(content)
