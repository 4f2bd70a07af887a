"""A graft as a wheel: pip knows which files are its own, which torch they are for, and takes them
away. Pure but for the files; equal grafts give equal bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roles.graft import package
from roles.graft.order import Graft

DATE = (2025, 8, 7, 0, 0, 0)
MODE = 0o644 << 16
LEVEL = 1  # of compression: the files go to a box nearby, and are unpacked there at once
# What torch has to be told on a card that hipBLASLt was never built for. A .pth file tells each
# Python of the environment, also where nothing has activated it, and nothing beyond.
ENVIRONMENT = {"TORCH_BLAS_PREFER_HIPBLASLT": "0"}


def stem(graft: Graft) -> str:
    """What its file and its folder in site-packages begin with."""
    return f"{graft.name.replace('-', '_')}-{graft.wheel_version}"


def write(graft: Graft, donor: Mapping[str, Path], told: Mapping[str, Any], into: Path) -> None:
    """The wheel, under its name only when it is whole. + told: the graft's provenance"""
    half = into.with_name(f".{into.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            _fill(archive, graft, package.files(graft, donor), told)
        half.replace(into)
    finally:
        half.unlink(missing_ok=True)


def _fill(
    archive: zipfile.ZipFile, graft: Graft, files: Mapping[str, Path], told: Mapping[str, Any]
) -> None:
    info = f"{stem(graft)}.dist-info"
    record: list[str] = []
    manifest: list[str] = []

    def add(name: str, content: bytes) -> None:
        member = zipfile.ZipInfo(name, DATE)
        member.external_attr = MODE
        archive.writestr(member, content, zipfile.ZIP_DEFLATED, LEVEL)
        digest = hashlib.sha256(content).digest()
        urlsafe = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        record.append(f"{name},sha256={urlsafe},{len(content)}\n")
        if name.startswith(f"{graft.folder}/"):
            manifest.append(f"{digest.hex()}  {name}\n")

    for name, path in files.items():
        add(f"{graft.folder}/{name}", path.read_bytes())
    lines = [f"os.environ.setdefault({key!r}, {value!r})" for key, value in ENVIRONMENT.items()]
    add(f"{graft.name.replace('-', '_')}.pth", f"import os; {'; '.join(lines)}\n".encode())
    add(f"{info}/manifest.sha256", "".join(manifest).encode())
    add(f"{info}/provenance.json", (json.dumps(told, indent=1, sort_keys=True) + "\n").encode())
    add(f"{info}/METADATA", _metadata(graft).encode())
    add(
        f"{info}/WHEEL",
        b"Wheel-Version: 1.0\nGenerator: regraft\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    )
    own = f"{info}/RECORD"
    listing = "".join([*record, f"{own},,\n"])
    member = zipfile.ZipInfo(own, DATE)
    member.external_attr = MODE
    archive.writestr(member, listing, zipfile.ZIP_DEFLATED, LEVEL)


def _metadata(graft: Graft) -> str:
    recipient = graft.recipient
    return (
        "Metadata-Version: 2.1\n"
        f"Name: {graft.name}\n"
        f"Version: {graft.wheel_version}\n"
        f"Summary: rocBLAS kernels for {graft.arch}, which {recipient.package} has left out\n"
        f"Requires-Dist: {recipient.package} (=={recipient.version})\n"
    )
