"""vLLM's stand-in as one file, that a container runs as /usr/local/bin/vllm. Pure but for reading.

Its parts import each other; they are packed as they are.
"""

from __future__ import annotations

from pathlib import Path

from roles.program import packed

PARTS = Path(__file__).with_name("vllm")
MAIN = "import sys\n\nfrom vllm.main import main\n\nsys.exit(main())\n"


def program(python: str = "/usr/bin/python3") -> bytes:
    """An executable. + python: that runs it"""
    texts = {f"vllm/{path.name}": path.read_text() for path in sorted(PARTS.glob("*.py"))}
    return f"#!{python} -I\n".encode() + packed({"__main__.py": MAIN, **texts})
