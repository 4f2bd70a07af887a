"""What a box says of its grafts, and what has to be done about them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyinfra.api import FactProcessError

from roles.graft import plan
from roles.graft.facts import Catalogs, Free, GraftState
from roles.graft.order import Built, Graft, Recipient
from roles.graft.probes import probes
from roles.graft.state import Package, State, state
from roles.rocm import simulation

RECIPIENT = Recipient("rocblas", "4.4.1.60403-128~24.04", "/opt/rocm-6.4.3", "c" * 64)
GRAFT = Graft("gfx906", "flat", RECIPIENT, "6.4.3-3", "d" * 64)
ANSWERS = {
    "packages": f"installed\trocblas\t{RECIPIENT.version}\n"
    f"installed\t{GRAFT.name}\t{GRAFT.version}",
    "library": f"catalogs {RECIPIENT.catalogs}",
    "grafts": "",
    "survey": "libraries 0123",
}


def lines(**changes: str) -> list[str]:
    answers = ANSWERS | changes
    return "\n".join(f"\n@@look {name}\n{text}" for name, text in answers.items()).split("\n")


def seen(**changes: str) -> State:
    return state(lines(**changes))


def test_every_question_is_answered_in_the_sample() -> None:
    assert set(ANSWERS) == set(probes("/opt/rocm-6.4.3", "6.4.3", "gfx906"))


def test_a_graft_that_is_whole_is_left_alone() -> None:
    assert plan.reasons(seen(), GRAFT) == []
    assert seen().recipient("6.4.3") == Package("rocblas", RECIPIENT.version, "installed")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"packages": f"installed\trocblas\t{RECIPIENT.version}"}, "there is none"),
        ({"packages": f"half-installed\t{GRAFT.name}\t{GRAFT.version}"}, "half-installed"),
        ({"packages": f"installed\t{GRAFT.name}\t6.4.3.3+6.4.3+0"}, "belongs to this rocBLAS"),
        ({"grafts": f"bad {GRAFT.name} /opt/x_gfx906.co: FAILED"}, "x_gfx906.co: not as"),
        ({"library": "catalogs 1\nloose a_gfx906.co\nloose b_gfx906.co"}, "a_gfx906.co and 1 more"),
    ],
)
def test_whatever_is_not_as_it_should_be_is_a_reason(change: dict[str, str], word: str) -> None:
    (reason,) = plan.reasons(seen(**change), GRAFT)
    assert word in reason


def test_a_folder_of_its_own_has_to_be_led_to() -> None:
    apart = replace(GRAFT, layout="arch-dir")
    both = f"installed\t{apart.name}\t{apart.version}"
    assert plan.reasons(seen(packages=both, library="catalogs 1\nlinked yes"), apart) == []
    assert len(plan.reasons(seen(packages=both), apart)) == 1


def test_side_by_side_the_numbered_rocblas_is_the_recipient() -> None:
    rows = "installed\trocblas\t5.0.2.70002-56~24.04\ninstalled\trocblas6.4.3\t4.4.1.60403-128"
    found = seen(packages=rows).recipient("6.4.3")
    assert found
    assert found.name == "rocblas6.4.3"
    assert seen(packages="config-files\trocblas\t1").recipient("6.4.3") is None


def test_apt_may_touch_grafts_and_nothing_else() -> None:
    ours = ["Inst regraft-rocblas-gfx906 [1] (2 local)", "Remv regraft-rocblas6.4.3-gfx906 [1]"]
    assert plan.objections(simulation.read(ours)) == []
    for line in ("Remv rocblas [4]", "Inst rocblas [4] (5 repo.radeon.com:6)", "E: broken"):
        assert len(plan.objections(simulation.read([*ours, line]))) == 1


def test_a_full_disk_is_known_before_dpkg_finds_out() -> None:
    built = Built("a", "1", "/a.deb", "0", size=10**8, unpacked=2 * 10**8)
    free = Free().process(["     Avail", "1000000000", "2000000000"])
    assert plan.lacking_space(built, *free) == ""
    assert "below /opt" in plan.lacking_space(built, 100, free[1])
    assert "below /var" in plan.lacking_space(built, free[0], 100)


@pytest.mark.parametrize("output", [[], ["nonsense"], ["@@look packages", "x"]])
def test_an_answer_that_cannot_be_read_fails_this_box_and_not_the_run(output: list[str]) -> None:
    with pytest.raises(FactProcessError, match="cannot read what the box has of grafts"):
        GraftState().process(output)


@pytest.mark.parametrize("output", [["%%%"], ["QUJD"]])
def test_catalogs_that_are_no_archive_fail_this_box_and_not_the_run(output: list[str]) -> None:
    with pytest.raises(FactProcessError, match="cannot read the box's catalogs"):
        Catalogs().process(output)
