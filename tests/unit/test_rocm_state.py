"""What a box's tools say of ROCm becomes a State."""

from __future__ import annotations

import pytest
from pyinfra.api import FactProcessError

from roles.rocm.facts import RocmState
from roles.rocm.files import KEY
from roles.rocm.probes import probes
from roles.rocm.state import Package, state

ANSWERS = {
    "files": f"{'a' * 64}  {KEY}",
    "packages": "install\tinstalled\trocm-core\t6.4.3.60403-128~24.04\n"
    "hold\tinstalled\trocblas\t4.4.1.60403-128~24.04\n"
    "deinstall\tconfig-files\thipfft\t1.0.18.60403-128~24.04\n"
    "install\tinstalled\tamdgpu-dkms\t1:6.12.12.60403-2194681.24.04",
    "alternative": "Name: rocm\nLink: /opt/rocm\nStatus: auto\nValue: /opt/rocm-6.4.3\n\n"
    "Alternative: /opt/rocm-6.4.3",
    "account": "me:x:1000:1000::/home/me:/bin/bash\nme render video",
    "system": "ubuntu 24.04",
    "driver": "kernel 6.8.0-60-generic\nloaded ABC\ninstalled DEF\n"
    "dkms amdgpu/6.12.12-2194681.24.04, 6.8.0-60-generic, x86_64: installed\nsecureboot 1",
    "interrupted": "",
}


def lines(**changes: str) -> list[str]:
    answers = ANSWERS | changes
    return "\n".join(f"\n@@look {name}\n{text}" for name, text in answers.items()).split("\n")


def test_every_question_is_answered_in_the_sample() -> None:
    assert set(ANSWERS) == set(probes(""))


def test_a_box_with_rocm_is_read_whole() -> None:
    seen = state(lines())
    assert seen.files == {KEY: "a" * 64}
    assert seen.packages["rocblas"] == Package("rocblas", "4.4.1.60403-128~24.04", True, True)
    assert [one.name for one in seen.amds()] == ["rocm-core", "rocblas"]
    assert seen.version("hipfft") is None
    assert seen.alternative == "/opt/rocm-6.4.3"
    assert seen.system == "ubuntu 24.04"
    assert (seen.user, seen.user_exists, seen.user_groups) == (
        "me",
        True,
        ("me", "render", "video"),
    )
    assert (seen.kernel, seen.loaded_driver, seen.installed_driver) == (
        "6.8.0-60-generic",
        "ABC",
        "DEF",
    )
    assert len(seen.dkms) == 1
    assert seen.secure_boot
    assert not seen.interrupted


def test_a_box_without_anything_is_read_as_such() -> None:
    seen = state(lines(files="", packages="", alternative="", account="ghost", driver=""))
    assert (seen.files, seen.packages, seen.alternative) == ({}, {}, "")
    assert (seen.user, seen.user_exists) == ("ghost", False)
    assert not seen.secure_boot


@pytest.mark.parametrize("output", [[], ["nonsense"], ["@@look files", "no-path"]])
def test_an_answer_that_cannot_be_read_fails_this_box_and_not_the_run(output: list[str]) -> None:
    with pytest.raises(FactProcessError, match="cannot read what the box has of ROCm"):
        RocmState().process(output)
