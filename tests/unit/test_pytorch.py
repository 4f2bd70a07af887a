"""What a box lacks of a stack, and which wheels it is made of."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from roles import settings
from roles.graft import wheel
from roles.graft.order import Graft, Recipient
from roles.pytorch import plan
from roles.pytorch.settings import Settings
from roles.pytorch.stack import stacks
from roles.pytorch.state import State, state
from roles.settings import SettingError
from roles.upstream.resolve import _held, tags
from roles.upstream.wheel import Target

STACK = next(one for one in stacks().values() if one.default)
LIBRARY = "torch/lib/rocblas/library"
ANSWERS = {
    "account": "user:x:1000:1000::/home/user:/bin/sh\nuser",
    "python": "version 3.12.3\nmachine x86_64\nlibc glibc 2.39",
    "venv": "there user\nours yes\nmade 3.12.3\nruns yes\n"
    "package torch-2.9.0+rocm6.4.dist-info\n"
    "package torchvision-0.24.0+rocm6.4.dist-info\n"
    "package torchaudio-2.9.0+rocm6.4.dist-info\n"
    "package pytorch_triton_rocm-3.5.0.dist-info",
    "graft": "site /opt/regraft/venv/lib/python3.12/site-packages\ncatalogs abc",
    "space": " 100000000000 /\n 100000000000 /\n 4000000000 /tmp",
    "traces": "",
}


def seen(**changed: str) -> State:
    """A box with the stack in place, but for what is changed."""
    said = {**ANSWERS, **changed}
    return state(
        [line for name, text in said.items() for line in (f"@@look {name}", *text.split("\n"))]
    )


def graft() -> Graft:
    return Graft(
        "gfx906", "flat", Recipient("torch", STACK.torch, "torch", "abc"), "6.4.3-3", "f00"
    )


def test_a_stack_in_place_with_its_local_versions_needs_nothing() -> None:
    assert plan.reasons(seen(), STACK) == []
    assert plan.refusals(seen(), STACK, "/v", "/usr/bin/python3") == []


def test_a_triton_of_the_same_version_that_was_built_for_the_card_is_left_in_place() -> None:
    def with_triton(version: str) -> State:
        return seen(venv=ANSWERS["venv"].replace("rocm-3.5.0.", f"rocm-{version}."))

    assert plan.reasons(with_triton("3.5.0+gfx906.g347477415"), STACK) == []
    assert plan.reasons(with_triton("3.4.0+gfx906.g347477415"), STACK)


@pytest.mark.parametrize(
    ("venv", "why"),
    [
        ("", "there is no environment"),
        (ANSWERS["venv"] + "\nunfinished yes", "half made"),
        (ANSWERS["venv"].replace("runs yes", ""), "its Python 3.12.3 is gone"),
        (ANSWERS["venv"].replace("3.12.3", "3.11.2"), "made for Python 3.11.2, and here is 3.12.3"),
        (ANSWERS["venv"].replace("torch-2.9.0+rocm6.4", "torch-2.10.0+cpu"), "torch is 2.10.0+cpu"),
        (ANSWERS["venv"].replace("there user", "there root"), "it belongs to root"),
        ("\n".join(ANSWERS["venv"].splitlines()[:4]), "torch is not there"),
    ],
)
def test_whatever_is_not_as_the_stack_has_it_is_a_reason_to_act(venv: str, why: str) -> None:
    assert why in plan.reasons(seen(venv=venv), STACK)[0]


def test_what_is_half_made_or_for_another_python_goes_first_and_what_is_whole_does_not() -> None:
    assert plan.worn(seen(venv=ANSWERS["venv"] + "\nunfinished yes"), STACK)
    assert plan.worn(seen(venv=ANSWERS["venv"].replace("runs yes", "")), STACK)
    assert plan.worn(seen(venv=ANSWERS["venv"].replace("3.12.3", "3.11.2")), STACK)
    assert not plan.worn(seen(venv=ANSWERS["venv"].replace("3.12.3", "3.12.1")), STACK)
    assert not plan.worn(seen(), STACK)
    assert not plan.worn(seen(venv=""), STACK)


def test_a_stack_without_a_graft_does_not_get_into_an_environment_with_one() -> None:
    """Its torch would have files of the same names, and lose them with the graft."""
    untouched = next(one for one in stacks().values() if not one.graft)
    grafted = ANSWERS["venv"] + "\npackage regraft_torch_gfx906-6.4.3.3+torch.2.9.0.dist-info"
    assert "regraft-torch-gfx906 is in it" in plan.worn(seen(venv=grafted), untouched)
    assert not plan.worn(seen(venv=grafted), STACK)


@pytest.mark.parametrize("path", ["~/torch", "torch", "/", "/opt/../etc"])
def test_a_place_that_is_none_is_refused_before_anything_is_done(path: str) -> None:
    with pytest.raises(SettingError, match="no path from the root"):
        settings.read(Settings, {"pytorch_venv": path})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"account": "nobody-here\n"}, "no account 'nobody-here'"),
        ({"python": ""}, "no Python at /p"),
        ({"python": ANSWERS["python"] + "\nconda /opt/conda"}, "conda's (/opt/conda)"),
        ({"python": ANSWERS["python"].replace("x86_64", "aarch64")}, "aarch64"),
        ({"python": ANSWERS["python"].replace("glibc 2.39", "musl 1.2")}, "musl"),
        ({"venv": "there user\nmade 3.12.3\nruns yes"}, "/v is there and no environment of ours"),
    ],
)
def test_what_cannot_be_helped_is_refused_with_the_next_step(
    changed: dict[str, str], why: str
) -> None:
    (said,) = plan.refusals(seen(**changed), STACK, "/v", "/p")
    assert why in said


def test_a_graft_that_is_stale_damaged_or_mixed_is_a_reason_to_act() -> None:
    version = graft().wheel_version
    there = ANSWERS["venv"] + f"\npackage regraft_torch_gfx906-{version}.dist-info"
    assert plan.graft_reasons(seen(venv=there), graft()) == []
    stale = there.replace(version, "6.4.3.3+torch.000")
    assert "belongs here" in plan.graft_reasons(seen(venv=stale), graft())[0]
    damaged = ANSWERS["graft"] + f"\nbad {LIBRARY}/a_gfx906.co"
    assert "1 files" in plan.graft_reasons(seen(venv=there, graft=damaged), graft())[0]
    loose = ANSWERS["graft"] + "\nloose b_gfx906.co"
    assert "elsewhere" in plan.graft_reasons(seen(venv=there, graft=loose), graft())[0]


def test_too_little_space_names_the_figures() -> None:
    small = seen(space="4500000000 /\n4500000000 /\n9000000000 /tmp")
    assert "need 5.0 GB of /, and 4.5 GB are free" in plan.lacking_space(small, [10**9])
    large = "of /tmp, and 4.0 GB are free"
    assert large in plan.lacking_space(seen(), [5 * 10**9])
    assert plan.lacking_space(seen(), [10**9, 10**9]) == ""


def test_the_wheel_of_a_graft_is_the_same_each_time_and_for_one_torch_alone(tmp_path: Path) -> None:
    files = {}
    for name in ("TensileLibrary_lazy_gfx906.dat", "Kernels_gfx906.co", "a_fallback.dat"):
        files[name] = tmp_path / name
        files[name].write_text(name)
    made = []
    for number in range(2):
        path = tmp_path / f"{number}.whl"
        wheel.write(graft(), files, {"donor": "x"}, path)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "0.whl") as archive:
        names = archive.namelist()
        info = f"{wheel.stem(graft())}.dist-info"
        assert (
            f"Requires-Dist: torch (=={STACK.torch})" in archive.read(f"{info}/METADATA").decode()
        )
        told = {row.split(",")[0] for row in archive.read(f"{info}/RECORD").decode().splitlines()}
    assert told == set(names)
    kernels = [name for name in names if name.startswith(LIBRARY)]
    assert kernels[-1].endswith("TensileLibrary_lazy_gfx906.dat")
    assert not any("fallback" in name for name in kernels)


def test_a_box_takes_wheels_for_its_own_python_and_c_library() -> None:
    found = {str(tag) for tag in tags(Target("3.12.3", "x86_64", "2.39"))}
    assert {"cp312-cp312-manylinux_2_28_x86_64", "py3-none-any"} <= found
    assert "cp311-cp311-manylinux_2_28_x86_64" not in found
    assert "cp312-cp312-manylinux_2_28_x86_64" not in {
        str(tag) for tag in tags(Target("3.12.3", "x86_64", "2.27"))
    }


def test_what_the_lock_knows_is_taken_again() -> None:
    known = [
        "torch-2.9.0+rocm6.4-cp312-cp312-manylinux_2_28_x86_64.whl",
        "mpmath-1.3.0-py3-none-any.whl",
    ]
    assert list(_held(known)) == ["torch==2.9.0+rocm6.4", "mpmath==1.3.0"]
