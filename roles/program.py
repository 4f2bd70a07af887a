"""A Python program as one file, for a box to run: sent there, and installed nowhere. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

DATE = (2025, 8, 7, 0, 0, 0)  # equal sources give equal bytes


def packed(sources: Mapping[str, str]) -> bytes:
    """What Python runs as it runs a folder. + sources: by path, __main__.py among them"""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sources.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), text, zipfile.ZIP_DEFLATED)
    return into.getvalue()
