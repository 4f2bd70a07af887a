"""Whole files on a box: complete under their names, or not there. Pure: shell as text."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

# A file that apt, udev and ld.so ignore, beside the one it becomes: a rename within a folder is
# atomic, and synced content under the name survives a power cut.
_PUT = """put() {
folder=$(dirname "$1") && mkdir -p "$folder" && rm -f "$folder"/.regraft.*
new=$(mktemp "$folder/.regraft.XXXXXX") && printf %s "$2" >"$new" && chmod 644 "$new"
sync "$new" && mv -f "$new" "$1"
}"""


def place(files: Mapping[str, str], remove: Iterable[str] = ()) -> str:
    """One command that puts these files in place, and takes others away."""
    puts = [f"put {shlex.quote(path)} {shlex.quote(text)}" for path, text in files.items()]
    gone = [f"rm -f {shlex.quote(path)}" for path in remove]
    return "\n".join(["set -e", _PUT, *puts, *gone])
