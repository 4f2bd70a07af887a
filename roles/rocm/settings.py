"""What a person may say about ROCm."""

from __future__ import annotations

from dataclasses import dataclass

from roles.rocm.release import known
from roles.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the room rocm."""

    rocm_release: str = setting("6.4.3", "The release to install.", choices=known())
    rocm_profile: str = setting(
        "runtime",
        "runtime: HIP, rocBLAS and the math libraries that PyTorch and llama.cpp need, with "
        "rocminfo and amd-smi. full: AMD's package rocm, with compilers; four times the size.",
        choices=("runtime", "full"),
    )
    rocm_side_by_side: bool = setting(
        False,
        "Leave other releases on the box, under AMD's numbered package names (rocblas6.4.3); "
        "/opt/rocm is rocm_release. Otherwise another release goes when this one comes.",
    )
    rocm_driver: str = setting(
        "auto",
        "auto: the kernel's own amdgpu; AMD's only for several cards, and on a kernel that it "
        "builds on. dkms: AMD's. none: leave the driver alone, as in a container.",
        choices=("auto", "dkms", "none"),
    )
    rocm_hold: bool = setting(True, "Keep apt from moving ROCm by itself (apt-mark hold).")
    rocm_hold_kernel: bool = setting(
        False, "Keep apt from bringing another kernel: holds the kernel's meta packages."
    )
    rocm_user_create: bool = setting(
        False, "Create the account gpu_user if it does not exist; otherwise that is an error."
    )
    rocm_key_fingerprint: str = setting(
        "", "Of the key that signs the repositories; empty means AMD's. For a mirror with its own."
    )
