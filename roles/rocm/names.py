"""Which packages are AMD's, by name and by version: distributions have the same names."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"^(rocm|rocminfo|roc(blas|solver|sparse|rand|fft|alution|profiler)|hip|libhip|libamdhip|libhsa"
    r"|hsa-rocr|comgr|libroc(blas|solver|sparse|rand|fft|alution|m-)|libamd-comgr|librccl|rccl"
    r"|(lib)?miopen|amd-smi|openmp-extras)"
)
# AMD's builds end in release, build number and Ubuntu's release: 1.0.0.60403-128~24.04. No looser:
# mawk is 1.3.4.20200120-3.1, and what is taken for AMD's goes when the release changes.
_BUILD = re.compile(r"\.(\d{5,6}-\d+)~\d\d\.04$")


def is_rocm_name(name: str) -> bool:
    """Whether a package of this name is a part of ROCm, whoever has built it."""
    return bool(_NAME.match(name))


def is_graft_name(name: str) -> bool:
    """Whether a package of this name is one of ours, which depends on AMD's."""
    return name.startswith("regraft-")


def build(version: str) -> str | None:
    """AMD's release and build number in a version: 60403-128; None where AMD has not built it."""
    found = _BUILD.search(version)
    return found.group(1) if found else None
