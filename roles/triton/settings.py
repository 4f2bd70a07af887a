"""What a person may say about Triton."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roles.settings import SettingError, setting
from roles.triton.source import SHOWN


@dataclass(frozen=True)
class Settings:
    """Settings of the room triton."""

    triton_build: bool = setting(
        False,
        "Give PyTorch a Triton that knows the card, built from source once for all boxes that it "
        "suits. Otherwise deploy/triton.py alone does; what it has brought is kept whole.",
    )
    triton_jobs: int = setting(
        0, "How many compilers may run at once; 0: as many as fit into memory.", least=0
    )
    triton_job_mib: int = setting(2560, "The memory that one of them may take, in MiB.", least=64)
    triton_commit: str = setting(
        "", "What the commit behind the tag has to begin with, if not what is pinned."
    )
    triton_llvm_sha256: str = setting(
        "", "What the archive of LLVM has to be; empty: what it was at first use."
    )

    def __post_init__(self) -> None:
        for name, least in (("triton_commit", SHOWN), ("triton_llvm_sha256", 64)):
            value = getattr(self, name)
            if value and not re.fullmatch(rf"[0-9a-f]{{{least},64}}", value):
                raise SettingError(
                    f"{name} = {value!r} is not {least} hexadecimal digits or more. Next: correct "
                    "it in the inventory, or leave it out"
                )
