"""What must be true of any box before and after a deploy."""

from __future__ import annotations

from typing import Any


def test_dpkg_has_nothing_half_done(host: Any) -> None:
    assert host.check_output("dpkg --audit") == ""


def test_no_setting_for_everyone_misleads_rocm(host: Any) -> None:
    names = "HSA_OVERRIDE_GFX_VERSION|ROCBLAS_TENSILE_LIBPATH"
    places = "/etc/environment /etc/profile.d /etc/environment.d"
    assert host.run(f"grep -rsE '^[^#]*({names})=' {places}").stdout == ""
