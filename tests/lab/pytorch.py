"""The lab's PyTorch: an index of wheels as PyTorch's own is, for one Python.

torch is real: PyTorch's build for processors, repacked under the stack's version, with a rocBLAS
library directory that lacks gfx906 (Debian's real files), as AMD's builds lack it. It says that it
is for ROCm, and sees no card. Left out is what only compilers and its own tests read. torchvision,
torchaudio and the Triton of its index are stand-ins without a line of code.

It is fetched by this machine's own pip, from where that is told to look, else from PyTorch's index.
Where neither has it, the lab goes without, and says so.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roles.pytorch.stack import Stack, stacks
from roles.upstream.table import upstreams

from . import fetched, sources
from .amd.release import RELEASES, read
from .amd.tensile import Library, library
from .mirror.routes import Route
from .mirror.upstreams import upstream
from .mirror.wheels import wheel_index
from .places import cache

STACK = next(one for one in stacks().values() if one.default)
SOURCE = "2.13.0"
NEEDS = ("filelock", "fsspec", "jinja2", "networkx", "setuptools", "sympy", "typing-extensions")
LEFT_OUT = re.compile(r"torch/(include|share|test)/|functorch/|.*\.a$")
HIP = "6.4.43484-regraft-lab"
DATE = (2025, 10, 15, 0, 0, 0)
NOTE = "regraft lab: a stand-in, without a line of code"


@dataclass(frozen=True)
class Pytorch:
    """+ root: the folder with its wheels"""

    root: Path

    def routes(self) -> Iterator[Route]:
        """For a mirror that serves more than this."""
        yield Route(upstream("wheels", rocm=STACK.index), wheel_index(self.root))


def pytorch() -> Pytorch | None:
    """The lab's PyTorch for its boxes' Python, built if it is not there; None: it cannot be had."""
    python = sources.plan().distribution.python
    texts = [Path(one).read_bytes() for one in (__file__, fetched.__file__)]
    told = (STACK, python, _shipped().said)
    digest = hashlib.sha256(b"".join(texts) + repr(told).encode()).hexdigest()[:12]
    kept = cache() / f"pytorch-{digest}"
    made = fetched.built_once(kept, "PyTorch", 2, lambda new: _build(new, python))
    return Pytorch(made) if made else None


def _build(new: Path, python: str) -> None:
    print("==> building the lab's PyTorch: about 200 MB to fetch, once", flush=True)
    got = new.with_name("got")
    shutil.rmtree(got, ignore_errors=True)
    got.mkdir()
    torch = ("--no-deps", f"torch=={SOURCE}+cpu")
    index = next(one.address for one in upstreams({}) if one.name == "pytorch")
    own = ("--retries", "1", "--index-url", f"{index}/cpu", *torch)
    fetched.download(got, python, torch, own)
    fetched.download(new, python, NEEDS)
    (source,) = got.glob("torch-*.whl")
    _repack(source, new, STACK)
    for name, version in STACK.packages.items():
        if name != "torch":
            requires = () if "triton" in name else (f"torch (=={STACK.torch})",)
            _empty(new, name, version, requires)
    shutil.rmtree(got)


class _Wheel:
    """A wheel that is being written: keeps its RECORD."""

    def __init__(self, path: Path, name: str, version: str) -> None:
        self.archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.info = f"{name.replace('-', '_')}-{version}.dist-info"
        self.record: list[str] = []

    def add(self, name: str, content: bytes, mode: int = 0o644) -> None:
        member = zipfile.ZipInfo(name, DATE)
        member.external_attr = mode << 16
        self.archive.writestr(member, content, zipfile.ZIP_DEFLATED, 1)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(content)}\n")

    def close(self) -> None:
        own = f"{self.info}/RECORD"
        self.archive.writestr(zipfile.ZipInfo(own, DATE), "".join([*self.record, f"{own},,\n"]))
        self.archive.close()


def _repack(source: Path, into: Path, stack: Stack) -> None:
    version = stack.torch
    *_, interpreter, abi, platform = source.stem.split("-")
    made = _Wheel(into / f"torch-{version}-{interpreter}-{abi}-{platform}.whl", "torch", version)
    with zipfile.ZipFile(source) as wheel:
        old = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        old = old.partition("/")[0]
        for member in wheel.infolist():
            name = member.filename
            if member.is_dir() or LEFT_OUT.match(name) or name == f"{old}/RECORD":
                continue
            content = wheel.read(member)
            if name == "torch/version.py":
                content = _version(content.decode(), version).encode()
            elif name == f"{old}/METADATA":
                content = _metadata(content.decode(), stack).encode()
            made.add(name.replace(old, made.info, 1), content, member.external_attr >> 16 or 0o644)
    for path in sorted(_shipped().recipient.iterdir()):
        made.add(f"torch/lib/rocblas/library/{path.name}", path.read_bytes())
    made.close()


def _version(text: str, version: str) -> str:
    text = re.sub(r"^__version__ = .*$", f"__version__ = {version!r}", text, flags=re.M)
    return re.sub(r"^hip: (.*) = None$", rf"hip: \1 = {HIP!r}", text, flags=re.M)


def _metadata(text: str, stack: Stack) -> str:
    triton = next(name for name in stack.packages if "triton" in name)
    head, blank, body = text.partition("\n\n")
    lines = [
        line
        for line in head.splitlines()
        if not re.match(r"Requires-Dist: .*(nvidia|cuda|triton)", line)
    ]
    lines = [f"Version: {stack.torch}" if line.startswith("Version:") else line for line in lines]
    return "\n".join([*lines, f"Requires-Dist: {triton}=={stack.packages[triton]}"]) + blank + body


def _shipped() -> Library:
    """The build whose library directory torch has, too."""
    wanted = read(RELEASES / "rocm-6.4.3.toml").tensile
    assert wanted
    return library(cache(), wanted)


def _empty(into: Path, name: str, version: str, requires: tuple[str, ...]) -> None:
    stem = name.replace("-", "_")
    made = _Wheel(into / f"{stem}-{version}-py3-none-any.whl", name, version)
    for module in (stem, "triton") if "triton" in name else (stem,):  # as torch's own has it
        made.add(f"{module}/__init__.py", f'"""{NOTE}"""\n\n__version__ = "{version}"\n'.encode())
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {NOTE}\n{needs}"
    made.add(f"{made.info}/METADATA", told.encode())
    made.add(
        f"{made.info}/WHEEL",
        b"Wheel-Version: 1.0\nGenerator: regraft-lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    )
    made.close()
