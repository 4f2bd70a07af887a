"""What a person may say about PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from roles.pytorch.stack import stacks
from roles.settings import setting

NONE = "none"


@dataclass(frozen=True)
class Settings:
    """Settings of the room pytorch."""

    pytorch_stack: str = setting(
        next(name for name, one in stacks().items() if one.default),
        "The versions of PyTorch and what goes with it (roles/pytorch/stacks.toml); none: leave "
        "PyTorch alone.",
        choices=(*stacks(), NONE),
    )
    pytorch_venv: str = setting(
        "/opt/regraft/venv", "The virtual environment that it is in, which belongs to gpu_user."
    )
    pytorch_python: str = setting(
        "/usr/bin/python3", "The Python that the environment is made with; never conda's."
    )
