"""Triton on a real box: what goes wrong, built once for two, replaced by hand, taken away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from roles.pytorch.probes import probes as pytorch
from roles.triton.change import INSTALL
from roles.triton.probes import probes

from .box import Box
from .grafts import TREE
from .installed import LOCK, undone
from .lab import Lab
from .looks import told_after
from .mirror import Cut, Mirror, WrongBytes
from .rocm import MI50
from .runs import Outcome, kill, run, start
from .triton import triton
from .with_pytorch import LIBRARY, PACKAGES, TORCH, VENV, WANTED, Installed

pytestmark = pytest.mark.xdist_group("pytorch")  # they share a box

TRITON = "triton"
BUILD = "deploy/triton.py"
UNIT = "regraft-triton.service"
LOG = "/var/log/regraft/triton.log"
LIMIT = f"/etc/systemd/system/{UNIT}.d"  # drop-ins hold for what systemd-run starts, too
COMPILING = "Building.CXX"


@dataclass(frozen=True)
class Built:
    """
    How two boxes came by it.

    + wrong: the run that got another LLVM + untouched: whether the box was as before after it
    + small: the run whose build got too little memory
    + builders: boxes on which a build went on when the run was killed
    + done: the next run, of both + logs: boxes that have a build's log
    + again: one more
    """

    wrong: Outcome
    untouched: bool
    small: Outcome
    builders: list[str]
    done: Outcome
    logs: list[str]
    again: Outcome


def data(reports: Path, **settings: str) -> tuple[str, ...]:
    told = {
        **WANTED,
        "upstream_lock": str(reports / LOCK),
        "upstream_cache": str(reports / "cache"),
    }
    return tuple(word for one in {**told, **settings}.items() for word in ("--data", "=".join(one)))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("triton")


@pytest.fixture(scope="module")
def built(
    first_pytorch: Installed, quick_box: Box, lab: Lab, mirror: Mirror, reports: Path
) -> Built:
    """Triton, after all that went wrong first; one of the boxes is kept as it was then."""
    if triton() is None:
        pytest.skip("the lab has no build tools: no index that this machine reaches has them")
    assert first_pytorch.healed.status == 0, first_pytorch.healed.said
    mirror.behave()
    other = lab.twin(quick_box, "other")
    one = lab.back(quick_box, TORCH)
    shutil.copy(one.folder / LOCK, reports / LOCK)
    before = one.ssh(TREE).stdout

    mirror.misbehave("public/llvm-builds/*", WrongBytes())
    wrong = run(BUILD, one, reports=reports, arguments=data(reports, triton_llvm_sha256="a" * 64))
    untouched = one.ssh(TREE).stdout == before
    mirror.behave()

    mirror.misbehave("public/llvm-builds/*", Cut(after=500_000), times=1)
    one.ssh(f"mkdir {LIMIT} && printf '[Service]\\nMemoryMax=100M\\n' >{LIMIT}/small.conf")
    small = run(BUILD, one, reports=reports, arguments=data(reports))
    one.ssh(f"rm -r {LIMIT}")

    other.start(lab.acceleration, resume=TORCH)
    boxes = (one, other)
    one.ssh(f"rm -f {LOG}")
    process = start(BUILD, *boxes, reports=reports, arguments=data(reports))
    compiling = f"grep -q {COMPILING} {LOG}"
    while process.poll() is None and all(
        box.ssh(compiling, check=False).returncode for box in boxes
    ):
        pass  # to wait for it on one box would miss it on the other
    kill(process)
    active = f"systemctl is-active {UNIT}"
    builders = [box.name for box in boxes if not box.ssh(active, check=False).returncode]
    done = run(BUILD, *boxes, reports=reports, arguments=data(reports))
    logs = [box.name for box in boxes if not box.ssh(f"ls {LOG}", check=False).returncode]
    again = run(BUILD, *boxes, reports=reports, arguments=data(reports))
    other.kill()
    one.ssh("sync")
    one.snapshot(TRITON)
    return Built(wrong, untouched, small, builders, done, logs, again)


@pytest.fixture
def box(built: Built, lab: Lab, quick_box: Box, mirror: Mirror) -> Iterator[Box]:
    """A box with Triton, as it was after it had come."""
    assert built.done.status == 0, built.done.said
    yield lab.back(quick_box, TRITON)
    mirror.behave()


def test_an_llvm_that_is_not_what_was_said_is_refused_and_the_box_left_as_it_was(
    built: Built,
) -> None:
    assert built.wrong.status == 1
    assert f"expected was {'a' * 64}" in built.wrong.said
    assert built.untouched


def test_a_download_that_is_cut_goes_on_and_a_build_without_memory_says_so(built: Built) -> None:
    assert "trying again from" in built.small.said
    assert built.small.status == 1
    assert "a compiler got no more memory" in built.small.said
    assert "triton_jobs" in built.small.said


def test_of_two_boxes_one_builds_and_goes_on_when_the_run_is_killed_and_both_get_it(
    built: Built,
) -> None:
    assert len(built.builders) == 1
    assert built.done.status == 0, built.done.said
    assert "an earlier run has begun to build Triton" in built.done.said
    assert "building with" not in built.done.said
    assert built.logs == built.builders
    assert built.again.unchanged, built.again.said


def test_what_was_built_compiles_and_is_what_its_name_says(box: Box) -> None:
    ask = "import triton; from triton import _C; print(triton.__version__, triton.__file__)"
    said = box.ssh(f"{VENV}/bin/python -c '{ask}'", user="user").stdout
    assert said.startswith("3.5.0 ")
    assert "No broken" in box.ssh(f"{VENV}/bin/python -Im pip check", user="user").stdout
    assert len(box.ssh(f"ls -d {PACKAGES}/*triton*.dist-info").stdout.split()) == 1


def test_another_triton_put_over_it_by_hand_is_seen_and_ours_put_back_without_a_build(
    box: Box, reports: Path, mirror_address: str
) -> None:
    """By the next run of what installs everything, whichever way the other came."""
    pip = f"{VENV}/bin/python -Im pip install -q --no-deps --index-url {mirror_address}/whl/rocm6.4"
    box.ssh(f"{pip} --force-reinstall pytorch-triton-rocm==3.5.0", user="user")
    named = f"{PACKAGES}/triton-3.4.0.dist-info"
    box.ssh(
        f"cd {PACKAGES} && mkdir triton-3.4.0.dist-info && cd triton-3.4.0.dist-info && "
        "printf 'Metadata-Version: 2.1\\nName: triton\\nVersion: 3.4.0\\n' >METADATA && "
        "echo pip >INSTALLER && printf 'triton/__init__.py,,\\ntriton-3.4.0.dist-info/METADATA,,\\n"
        "triton-3.4.0.dist-info/INSTALLER,,\\ntriton-3.4.0.dist-info/RECORD,,\\n' >RECORD",
        user="user",
    )
    healed = run(MI50, box, reports=reports, arguments=data(reports))
    assert healed.status == 0, healed.said
    assert "pytorch-triton-rocm 3.5.0, and 3.5.0+gfx906" in healed.said
    assert "triton 3.4.0 has put files into triton/ as well" in healed.said
    assert "building with" not in healed.said
    assert box.ssh(f"ls -d {named}", check=False).returncode
    assert run(MI50, box, reports=reports, arguments=data(reports)).unchanged


@pytest.mark.parametrize("by_hand", [":", f"rm {LIBRARY}/*_gfx906.dat {PACKAGES}/triton/*.py"])
def test_a_run_does_the_same_with_one_look_and_without(
    box: Box, lab: Lab, reports: Path, by_hand: str
) -> None:
    assert run(MI50, box, reports=reports, arguments=data(reports)).status == 0  # to be foreseen
    done = []
    for once in ("true", "false"):
        lab.back(box, TRITON).ssh(by_hand)
        told = (*data(reports, look_once=once), "-vv")
        outcome = run(MI50, box, reports=reports, arguments=told)
        assert outcome.status == 0, outcome.said
        done.append(outcome.steps)
    assert done[0] == done[1]
    assert bool(done[0][1]) == (by_hand != ":")


def test_what_a_killed_run_still_installs_does_not_take_the_next_ones_wheel_along(
    box: Box, reports: Path
) -> None:
    """A stand-in for that: it is at it alone, and clears its folder away once it is waited for."""
    next_one = f"timeout 60 sh -c 'until pgrep -x flock || ls {INSTALL}/*.whl; do sleep 0.1; done'"
    killed = f"exec 9>/run/lock/regraft; flock 9; {next_one}; rm -rf {INSTALL}"
    box.ssh(f'rm {PACKAGES}/triton/*.py; setsid sh -c "{killed}" >/dev/null 2>&1 </dev/null &')
    done = run(BUILD, box, reports=reports, arguments=(*data(reports), "-vv"))
    assert "still goes on: waiting for its end" in done.said
    assert done.status == 0, done.said


PYTHON = "/usr/bin/python3"
# What changes an answer about an environment that a box has kept.
CHANGES = (
    f"chown root {VENV}",
    "usermod --comment 'somebody else' user",
    f"file=$(ls {LIBRARY}/*_fallback.dat | head -n 1); printf x | dd conv=notrunc of=$file",
    f"file=$(ls {LIBRARY}/*gfx906*.co | head -n 1); printf x | dd conv=notrunc of=$file",
    f"touch $(ls -d {LIBRARY})/by_hand_gfx906.co",
    f"echo >>$(ls -d {PACKAGES}/triton)/__init__.py",
    f"touch $(ls -d {PACKAGES}/triton)/by_hand.py",
    f"rm $(ls {PACKAGES}/triton/_C/*.so)",
    "mv /usr/include/python3*/Python.h /root",
    f"ln -sf /bin/false {VENV}/bin/python",
    f"mv {VENV} /root",
)


def test_what_a_box_has_kept_of_its_answers_is_old_as_soon_as_it_has_changed(box: Box) -> None:
    asked = (pytorch("user", VENV, PYTHON, "gfx906"), probes(VENV, PYTHON))
    for change, found, anew, before in told_after(box, CHANGES, asked):
        assert found == anew, change
        assert found != before, change


def test_undo_leaves_no_trace_of_it(box: Box, lab: Lab, reports: Path) -> None:
    done = run("deploy/undo.py", box, reports=reports, arguments=data(reports))
    assert done.status == 0, done.said
    with_triton = box.ssh(TREE).stdout
    kept = box.ssh("ls -d /var/cache/regraft* /var/log/regraft", check=False).stdout
    assert undone(lab, box) == with_triton  # where there was no PyTorch
    assert kept == ""
