"""What a device ELF is, and which kernels it has."""

from __future__ import annotations

import struct

import pytest

from roles.graft.bundle import UnreadableError
from roles.graft.codeobject import read, section
from tests.tensile_files import (
    DYNSYM,
    GFX908,
    STRTAB,
    XNACK_OFF,
    XNACK_ON,
    code,
    elf,
    library,
)


def test_flags_of_the_sets_that_are_known() -> None:
    # Debian's plain gfx906, and Arch's gfx906:xnack-
    plain, off = read(code("a")), read(code("a", features=XNACK_OFF))
    assert (plain.arch, plain.xnack, plain.sramecc) == ("gfx906", "any", "any")
    assert (off.arch, off.xnack, off.sramecc) == ("gfx906", "off", "any")


def test_another_arch_and_xnack_on_are_told() -> None:
    assert read(code("a", mach=GFX908)).arch == "gfx908"
    assert read(code("a", features=XNACK_ON)).xnack == "on"
    assert read(code("a", mach=0xFE)).arch == "an arch that we do not know (0xfe)"


def test_a_kernel_is_what_has_a_descriptor() -> None:
    assert read(code("one", "two", also=["a_variable", "only.kd"])).kernels == {"one", "two"}


def test_a_name_that_is_defined_elsewhere_is_no_kernel() -> None:
    symbols = b"".join(struct.pack("<IBBHQQ", at, 0, 0, 0, 0, 0) for at in (1, 3))
    sections = [(".dynsym", DYNSYM, 2, symbols), (".dynstr", STRTAB, 0, b"\0a\0a.kd\0")]
    assert read(elf(sections, flags=0x52F)).kernels == frozenset()


def test_host_code_is_no_code_object() -> None:
    assert read(library()).arch == "x86-64 host code"
    assert read(elf([], machine=183)).arch == "ELF machine 183"
    assert read(elf([], osabi=0)).arch == "ELF machine 224"


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"<html>", "an HTML page"),
        (code("a")[:40], "truncated"),
        (code("a")[:-1], "truncated"),
        (b"\x7fELF\x01\x01" + bytes(60), "not 64-bit"),
        (elf([], abi=1), "ABI version 1"),
        (elf([(".dynsym", DYNSYM, 9, bytes(24))]), "broken symbol table"),
        (elf([(".dynsym", DYNSYM, 2, bytes(23)), ("s", 3, 0, b"\0")]), "broken symbol table"),
    ],
)
def test_a_broken_elf_is_told_by_what_is_wrong_with_it(image: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        read(image)


def test_names_that_overlap_do_not_become_gigabytes() -> None:
    strings = b"a" * 100_000 + b"\0"
    symbols = b"".join(struct.pack("<IBBHQQ", at, 0, 0, 1, 0, 0) for at in range(50_000))
    sections = [(".dynsym", DYNSYM, 2, symbols), (".dynstr", STRTAB, 0, strings)]
    with pytest.raises(UnreadableError, match="broken symbol names"):
        read(elf(sections, flags=0x52F))


def test_a_section_by_its_name() -> None:
    image = library(b"the fatbin")
    assert bytes(section(image, ".hip_fatbin") or b"").startswith(b"the fatbin")
    assert section(image, ".hip") is None
