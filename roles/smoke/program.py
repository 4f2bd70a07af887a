"""The programs as one file for the box's Python to run. Pure but for reading this package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from roles.graft.answer import SENT, WANTED
from roles.program import packed

ROLES = Path(__file__).resolve().parents[1]
MAIN = f"import sys\n\nfrom roles.smoke.programs.main import main\n\nsys.exit(main({WANTED!r}))\n"


@cache
def program() -> bytes:
    """With what they need of other rooms."""
    sources = [
        *(*SENT, "gpu/kfd.py", "smoke/__init__.py"),
        *sorted(f"smoke/programs/{path.name}" for path in (ROLES / "smoke/programs").glob("*.py")),
    ]
    texts = {f"roles/{name}": (ROLES / name).read_text("utf-8") for name in sources}
    texts["roles/gpu/__init__.py"] = ""  # the room's own would want the whole room
    return packed({"__main__.py": MAIN, **texts})
