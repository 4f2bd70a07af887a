"""Files on their way into a box: one tar, everything in it root's."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Collection, Mapping


def packed(files: Mapping[str, bytes], secret: Collection[str] = ()) -> bytes:
    """A tar of these files, by path. + secret: those that root alone may read"""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600 if name in secret else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()
