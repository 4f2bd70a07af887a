"""What the report says of a box's libraries: from the kept answer, and from the graft."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from roles.graft import answer
from roles.graft.carried import Carried
from roles.graft.covered import Covered, covered
from roles.graft.libraries import Library
from roles.graft.state import State
from roles.rocm.release import load
from tests.unit.graft.test_plan import GRAFT, seen

RELEASE = load("6.4.3")
LIB = f"{RELEASE.prefix}/lib"
TENSILE = Carried("rocBLAS Tensile files", f"{LIB}/rocblas/library", ("gfx906", "gfx942"))
FOUND = (
    Carried("rocBLAS", f"{LIB}/librocblas.so.4", ("gfx942",)),
    TENSILE,
    Carried("rocFFT", f"{LIB}/librocfft.so.0"),
)
PROVENANCE: dict[str, Any] = {
    "donor": {"name": "arch-6.4.3-3", "version": "6.4.3-3"},
    "recipient": {"prefix": RELEASE.prefix},
    "layout": "flat",
    "fit": {"catalogs": 88, "kernels": 23456},
}


def box(found: tuple[Carried, ...] = FOUND, problem: str = "", **provenance: Any) -> State:
    told = json.dumps(PROVENANCE | provenance)
    state = seen(grafts=f"provenance {GRAFT.name} {told}")
    key = answer.key(RELEASE.prefix, state.libraries)
    return replace(state, answer=answer.Answer(key, found, problem))


def judged(state: State) -> Covered:
    return covered(state, RELEASE, "gfx906")


def tensile(state: State) -> Library:
    (one,) = (one for one in judged(state).libraries if one.name == TENSILE.name)
    return one


def test_what_lacks_code_is_said_and_the_graft_gives_gemm() -> None:
    found = judged(box())
    assert [one.how for one in found.libraries] == ["lacks", "works", "works without"]
    gemm = found.libraries[1].says
    assert "by a graft from rocBLAS 6.4.3-3" in gemm
    assert "each of the 23456 kernels" in gemm
    assert GRAFT.name in gemm
    assert (found.release, found.arch, found.problem) == ("6.4.3", "gfx906", "")


def test_nothing_is_said_to_have_run_on_a_card() -> None:
    assert judged(box()).on_card == "pending"


def test_a_directory_of_its_own_is_said_to_be_unconfirmed() -> None:
    assert "no one has confirmed that on a card" in tensile(box(layout="arch-dir")).says
    assert "confirmed" not in tensile(box()).says


def test_a_graft_whose_files_were_changed_does_not_count() -> None:
    state = replace(box(), bad={GRAFT.name: ("/opt/x.co",)})
    assert tensile(state).how == "lacks"
    assert "not as it has brought them. Next: " in tensile(state).says


@pytest.mark.parametrize(
    "state",
    [
        replace(box(), packages={}),
        replace(box(), provenance={}),
        box(recipient={"prefix": "/opt/rocm-7.0.2"}),
        box(fit={}),
        box(donor="nonsense"),
    ],
)
def test_files_that_no_graft_vouches_for_do_not_count(state: State) -> None:
    assert judged(state).graft is None
    assert tensile(state).how == "lacks"
    assert "someone has put there" in tensile(state).says


def test_without_files_of_the_arch_a_graft_is_what_mends_it() -> None:
    bare = replace(box((replace(TENSILE, archs=("gfx942",)),)), packages={})
    assert tensile(bare).how == "lacks"
    assert "A graft of gfx906 files mends it" in tensile(bare).says


def test_where_the_survey_has_failed_the_graft_is_still_told() -> None:
    found = judged(box((), problem="there is no python3"))
    assert found.problem == "there is no python3"
    assert [one.how for one in found.libraries] == ["works"]


def test_an_answer_to_another_question_is_none() -> None:
    for state in (replace(box(), answer=None), replace(box(), libraries="other")):
        found = judged(state)
        assert "the box has not kept what it found. Next: " in found.problem
        assert [one.name for one in found.libraries] == [TENSILE.name]


def test_a_folder_without_libraries_is_said_to_have_none() -> None:
    found = judged(replace(box(()), packages={}))
    assert found.libraries == ()
    assert found.problem == f"there is no library that we know in {LIB}"


def test_what_is_kept_is_seen_whether_it_can_be_read_or_not() -> None:
    assert not seen().surveyed
    broken = seen(survey="libraries 0123\nkept {half")
    assert (broken.surveyed, broken.answer, broken.libraries) == (True, None, "0123")
    whole = seen(survey='libraries 0123\nkept {"key": "a", "problem": "b"}')
    assert whole.answer == answer.Answer("a", (), "b")
