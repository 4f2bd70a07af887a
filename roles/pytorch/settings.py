"""What a person may say about PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from roles.pytorch.stack import stacks
from roles.settings import SettingError, setting

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

    def __post_init__(self) -> None:
        for name in ("pytorch_venv", "pytorch_python"):
            path = PurePosixPath(getattr(self, name))
            if len(path.parts) < 2 or not path.is_absolute() or ".." in path.parts:
                raise SettingError(
                    f"{name} = {str(path)!r} is no path from the root to a place below it. "
                    f"Next: write it like {name} = '/opt/somewhere' in the inventory"
                )
