"""Zstandard by the system's own library: dpkg needs it, so that every box has it."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from functools import cache

NAME = "libzstd.so.1"
STEP = 64 << 10  # of what is packed, and of what it becomes
WINDOW_LOG_MAX = 100  # ZSTD_d_windowLogMax


class ZstdError(Exception):
    """What was to be unpacked is broken; says how."""


class _Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = [("data", c_void_p), ("size", c_size_t), ("at", c_size_t)]


@cache
def loaded() -> ctypes.CDLL:
    """The library, with the functions that we call declared."""
    try:
        found = ctypes.CDLL(NAME)
    except OSError as problem:
        raise ZstdError(f"there is no {NAME} here: {problem}") from problem
    found.ZSTD_createDStream.restype = c_void_p
    found.ZSTD_freeDStream.argtypes = [c_void_p]
    found.ZSTD_DCtx_setParameter.argtypes = [c_void_p, c_int, c_int]
    found.ZSTD_DCtx_setParameter.restype = c_size_t
    found.ZSTD_decompressStream.argtypes = [c_void_p, POINTER(_Buffer), POINTER(_Buffer)]
    found.ZSTD_decompressStream.restype = c_size_t
    found.ZSTD_isError.argtypes = [c_size_t]
    found.ZSTD_isError.restype = c_uint
    found.ZSTD_getErrorName.argtypes = [c_size_t]
    found.ZSTD_getErrorName.restype = c_char_p
    return found


def unpack(packed: memoryview, most: int, window: int) -> bytearray:
    """What a frame holds, or its first bytes. + window: the most memory that it may ask for"""
    library = loaded()
    stream = library.ZSTD_createDStream()
    if not stream:
        raise ZstdError("no memory")
    try:
        log = window.bit_length() - 1
        _checked(library.ZSTD_DCtx_setParameter(stream, WINDOW_LOG_MAX, log))
        return _stream(library, stream, packed, most)
    finally:
        library.ZSTD_freeDStream(stream)


def _stream(library: ctypes.CDLL, stream: int, packed: memoryview, most: int) -> bytearray:
    content = bytearray()
    room = ctypes.create_string_buffer(STEP)
    at, left = 0, 1  # left: 0 at the end of the frame
    while left and len(content) < most:
        step = bytes(packed[at : at + STEP])
        given = _Buffer(ctypes.cast(c_char_p(step), c_void_p), len(step), 0)
        got = _Buffer(ctypes.cast(room, c_void_p), min(STEP, most - len(content)), 0)
        left = _checked(library.ZSTD_decompressStream(stream, byref(got), byref(given)))
        at += given.at
        content += memoryview(room)[: got.at]
        if not (given.at or got.at):  # it ends before the frame does
            break
    return content


def _checked(status: int) -> int:
    library = loaded()
    if library.ZSTD_isError(status):
        raise ZstdError(library.ZSTD_getErrorName(status).decode())
    return status
