"""The stand-in card's kernel modules, built for the guest's kernel by the image's own compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import card
from .image import Image, only_one
from .need import LabError, root

NAMES = ("standin_slot.ko", "amdgpu.ko")


def modules(image: Image) -> Path:
    """The folder that holds them, built if the sources are not those that were built last."""
    built = image.folder / f"modules-{card.digest()}"
    with only_one(image.folder):
        if not all((built / name).exists() for name in NAMES):
            _build(image, built)
    return built


def _build(image: Image, built: Path) -> None:
    print("==> building the stand-in card's kernel modules", flush=True)
    builder = image.folder / "builder"
    inside = builder / "card"
    shutil.rmtree(inside, ignore_errors=True)
    shutil.copytree(card.SOURCE, inside)
    chroot = [*root(), "chroot", str(builder), "/usr/bin/make", "-s"]
    make = [*chroot, "-C", f"/lib/modules/{image.kernel}/build", "M=/card", "modules"]
    told = subprocess.run(make, capture_output=True, text=True, check=False)
    if told.returncode:
        raise LabError(
            f"building the stand-in card for {image.kernel} failed:\n{told.stderr}"
            "Next: make lab, once the cause is gone"
        )
    built.mkdir(exist_ok=True)
    for name in NAMES:
        shutil.copyfile(inside / name, built / name)
