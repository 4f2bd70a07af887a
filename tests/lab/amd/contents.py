"""What is in each package: libraries with names and marks only, programs that read the card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .. import card
from .deb import Contents
from .elf import shared_library
from .fatbin import fatbin
from .release import Package, Repository

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
PROGRAMS = {"rocminfo": "rocminfo.py", "amd-smi": "amd_smi.py", "rocm-smi": "rocm_smi.py"}
MARK = "regraft lab: a stand-in of this name, with nothing of AMD's in it\n"


def contents(repository: Repository, package: Package, tensile: Path | None) -> Contents:
    """+ tensile: the library directory that rocblas gets; None: it gets none"""
    values = repository.values
    root = values.get("ROOT", "/usr").lstrip("/")
    files = {f"{root}/share/doc/{package.base}/regraft-lab": MARK.encode()}
    links: dict[str, str] = {}
    for library in package.libraries:
        name = f"{library}.{values['NUMBER']}"
        device = fatbin(package.device, repository.archs, MARK.encode())
        files |= _library(f"{root}/lib", name, device, links)
    scripts = _scripts(package.content, values)
    if package.content in PROGRAMS:
        files[f"{root}/bin/{package.content}"] = program(PROGRAMS[package.content], values)
    elif package.content == "hipcc":
        files[f"{root}/bin/hipcc"] = f"#!/bin/sh\necho '{MARK.strip()}' >&2\nexit 1\n".encode()
    elif package.content == "rocm-core":
        files[f"{root}/.info/version"] = f"{values['RELEASE']}-{values['BUILD']}\n".encode()
        files[f"{root}/lib/rocmmod"] = f"#%Module1.0\n# {MARK}".encode()
    elif package.content == "rocblas" and tensile:
        folder = f"{root}/lib/rocblas/library"
        files |= {f"{folder}/{path.name}": path.read_bytes() for path in sorted(tensile.iterdir())}
    elif package.content == "amdgpu-dkms":
        files |= _module(f"usr/src/amdgpu-{values['DKMS']}", values)
    elif package.content == "amdgpu-dkms-firmware":
        files["lib/firmware/updates/amdgpu/vega20_sos.bin"] = MARK.encode()
    return Contents(files, links, scripts)


def program(name: str, values: Mapping[str, str]) -> bytes:
    """A program as one file: the part that they share takes the place of the import of it."""
    text = (HERE / "programs" / name).read_text()
    shared = (HERE / "programs" / "standin.py").read_text()
    future = "from __future__ import annotations\n"
    start = text.index("from .standin import ")
    end = text.index("\n", start) + 1
    head, body = text[:start].replace(future, future + "\n# " + MARK), text[end:]
    return filled(f"#!/usr/bin/python3 -IS\n{head}{shared.replace(future, '')}{body}", values)


def filled(text: str, values: Mapping[str, str]) -> bytes:
    """The text with every @NAME@ said."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _library(folder: str, name: str, device: bytes, links: dict[str, str]) -> dict[str, bytes]:
    """librocblas.so.4.4.60403 with its soname's link, librocblas.so.4."""
    stem, _, number = name.partition(".so.")
    soname = f"{stem}.so.{number.split('.')[0]}"
    links[f"{folder}/{soname}"] = name
    return {f"{folder}/{name}": shared_library(soname, MARK, device)}


def _scripts(content: str, values: Mapping[str, str]) -> dict[str, bytes]:
    paths = (FILES / content / name for name in ("postinst", "prerm")) if content else ()
    return {path.name: filled(path.read_text(), values) for path in paths if path.exists()}


def _module(folder: str, values: Mapping[str, str]) -> dict[str, bytes]:
    """The driver's source, without the slot's: that is hardware, and no package brings it."""
    ours = FILES / "amdgpu-dkms"
    files = {name: (ours / name).read_text() for name in ("dkms.conf", "Makefile", "Kbuild")}
    files["amd/amdgpu/amdgpu_drv.c"] = (ours / "amdgpu_drv.c").read_text()
    files["card.mk"] = (card.SOURCE / "Kbuild").read_text()
    for path in sorted(card.SOURCE.glob("*.[ch]")):
        if path.name != "slot.c":
            files[path.name] = path.read_text()
    # by its source the kernel tells one driver from another: srcversion
    files["driver.c"] += '#define STANDIN_SOURCE "@DRIVER@"\n'
    return {f"{folder}/{name}": filled(text, values) for name, text in files.items()}
