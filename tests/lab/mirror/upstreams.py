"""Where each upstream lies on the mirror: the paths of the real ones, below one base address."""

from collections.abc import Iterator
from pathlib import Path

from tests.lab.mirror.git import git_backend
from tests.lab.mirror.routes import Route, folder
from tests.lab.mirror.wheels import wheel_index

PREFIXES = {
    "rocm-apt": "rocm/apt/{release}",
    "rocm-key": "rocm/rocm.gpg.key",
    "amdgpu-apt": "amdgpu/{release}/ubuntu",
    "graphics-apt": "graphics/{release}/ubuntu",
    "arch-rocblas": "packages/r/rocblas",
    "wheels": "whl/{rocm}",
    "mnist": "cvdf-datasets/mnist",
    "git": "git",
    "registry": "v2",
    "triton-source": "nlzy",
    "triton-llvm": "public/llvm-builds",
    "python-packages": "simple",
}


def upstream(name: str, **parts: str) -> str:
    """The prefix of an upstream: `upstream("rocm-apt", release="6.4.3")`."""
    return PREFIXES[name].format(**parts)


def tree(root: Path) -> Iterator[Route]:
    """The routes for a folder laid out as the mirror is: files, but for wheels and git."""
    yield Route("", folder(root))
    for wheels in sorted(root.glob(upstream("wheels", rocm="*"))):
        yield Route(upstream("wheels", rocm=wheels.name), wheel_index(wheels))
    repositories = root / upstream("git")
    if repositories.is_dir():
        yield Route(upstream("git"), git_backend(repositories), posts=True)
