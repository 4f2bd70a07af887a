"""A wheel index (PEP 503) generated from a folder of wheels, with their sha256 in the links."""

import hashlib
import html
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from packaging.utils import canonicalize_name

from tests.lab.mirror.messages import Answer, Request
from tests.lab.mirror.routes import Handler, folder


def wheel_index(root: Path) -> Handler:
    """Serve `<project>/` pages and, beside them as PyTorch has it, the wheels themselves."""
    files = folder(root)

    def answer(request: Request) -> Answer:
        if request.rest.endswith(".whl"):
            return files(request)
        base = request.path.removesuffix(request.rest).strip("/")
        asked = request.rest.strip("/")
        projects = _projects(root)
        if not asked:
            return _page({f"/{base}/{name}/": name for name in projects})
        if asked not in projects:
            return Answer.note(404, f"no project {asked}")
        links = {f"/{base}/{quote(w.name)}#sha256={_sha256(w)}": w.name for w in projects[asked]}
        return _page(links)

    return answer


def _projects(root: Path) -> dict[str, list[Path]]:
    projects: dict[str, list[Path]] = {}
    for wheel in sorted(root.glob("*.whl")):
        projects.setdefault(canonicalize_name(wheel.name.partition("-")[0]), []).append(wheel)
    return projects


def _page(links: dict[str, str]) -> Answer:
    lines = [
        f'<a href="{html.escape(to)}">{html.escape(text)}</a><br>' for to, text in links.items()
    ]
    text = "\n".join(["<!DOCTYPE html>", "<html><body>", *lines, "</body></html>", ""])
    return Answer.of(text.encode(), "text/html")


def _sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)  # a torch wheel is gigabytes, and each page would read it again
def _sha256_of(path: Path, mtime_ns: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
