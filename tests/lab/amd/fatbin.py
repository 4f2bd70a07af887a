"""Device code in a library, as clang packs it, but for the code: names of archs, and our mark."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import zstandard

HOST = "host-x86_64-unknown-linux-gnu-"
PAGE = 4096  # each bundle has pages of its own
BUNDLES = 2  # as many as there are source files in a real one: 65 in rocBLAS


def fatbin(kind: str, archs: Iterable[str], mark: bytes) -> bytes:
    """The section .hip_fatbin. + kind: plain, compressed, or none: empty"""
    if not kind:
        return b""
    bundle = _bundle(archs, mark)
    if kind == "compressed":
        bundle = _compressed(bundle)
    return (bundle + bytes(-len(bundle) % PAGE)) * BUNDLES


def _bundle(archs: Iterable[str], mark: bytes) -> bytes:
    """An entry of size 0 for the host comes first, as with clang."""
    targets = [HOST, *(f"hipv4-amdgcn-amd-amdhsa--{arch}" for arch in archs)]
    at = 32 + sum(24 + len(target) for target in targets)
    table = b""
    for target in targets:
        size = 0 if target == HOST else len(mark)
        table += struct.pack("<QQQ", at, size, len(target)) + target.encode()
        at += size
    count = struct.pack("<Q", len(targets))
    return b"__CLANG_OFFLOAD_BUNDLE__" + count + table + mark * (len(targets) - 1)


def _compressed(bundle: bytes) -> bytes:
    """A CCOB, of the version that says its own size in 32 bits."""
    packed = zstandard.compress(bundle)
    version, by_zstandard, header = 2, 1, 24
    sizes = (header + len(packed), len(bundle), 0)  # the last is a hash that nobody checks
    return b"CCOB" + struct.pack("<HHIIQ", version, by_zstandard, *sizes) + packed
