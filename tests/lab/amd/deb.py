"""A .deb from a mapping of files: the same bytes whoever builds it, and when."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..need import LabError
from .release import Package


@dataclass(frozen=True)
class Contents:
    """+ files: content by path + links: target by path + scripts: postinst and the like"""

    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, bytes] = field(default_factory=dict)


def build(package: Package, contents: Contents, date: datetime, into: Path) -> None:
    """Write the package's .deb to this path."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        for name, content in contents.files.items():
            _write(root / name, content)
        for name, target in contents.links.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(target)
        for name, content in _control(package, contents).items():
            _write(root / "DEBIAN" / name, content)
        for path in (root, *root.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)  # whatever this user's umask is
        # gzip: the box unpacks it under emulation, where xz takes its time
        command = ["dpkg-deb", "--root-owner-group", "--uniform-compression", "-Zgzip", "-z6"]
        told = subprocess.run(
            [*command, "--build", str(root), str(into)],
            env={**os.environ, "SOURCE_DATE_EPOCH": str(int(date.timestamp()))},
            capture_output=True,
            text=True,
            check=False,
        )
    if told.returncode:
        raise LabError(f"dpkg-deb did not build {into.name}: {told.stderr.strip()}")


def _control(package: Package, contents: Contents) -> dict[str, bytes]:
    size = sum(len(content) for content in contents.files.values())
    fields = package.control(max(1, size // 1024))
    control = "".join(f"{name}: {text}\n" for name, text in fields.items()).encode()
    sums = "".join(
        f"{hashlib.md5(content).hexdigest()}  {name}\n"
        for name, content in sorted(contents.files.items())
    )
    return {"control": control, "md5sums": sums.encode(), **contents.scripts}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755 if content.startswith(b"#!") else 0o644)
