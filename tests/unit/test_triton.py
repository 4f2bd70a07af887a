"""Whether a box's Triton is the only one and whole, what a build may take, what its log says."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from roles import settings
from roles.pytorch.stack import stacks
from roles.settings import SettingError
from roles.triton import buildlog, kept, plan
from roles.triton.jobs import MIB, TooSmall, jobs
from roles.triton.plan import Wanted
from roles.triton.settings import Settings
from roles.triton.source import for_version, llvm_file
from roles.triton.state import State, followed, state
from roles.upstream.wheel import Target

OURS = "3.5.0+gfx906.g347477415"
WANTED = Wanted("pytorch-triton-rocm", OURS)
ANSWERS = {
    "claims": f"marked {OURS}\nclaims pytorch_triton_rocm-{OURS}",
    "tools": "headers\npackage python3.12-dev\nc",
    "build": "unit inactive",
    "room": "processors 8\nmemory 16000000\nspace 90000000000 /\nspace 4000000000 /tmp",
    "traces": "",
}


def seen(**changed: str) -> State:
    """A box with ours in place, but for what is changed."""
    said = {**ANSWERS, **changed}
    return state(
        [line for name, text in said.items() for line in (f"@@look {name}", *text.split("\n"))]
    )


def test_ours_alone_and_whole_needs_nothing() -> None:
    assert plan.reasons(seen(), WANTED) == []


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ("", "is not there"),
        ("claims pytorch_triton_rocm-3.5.0", "pytorch-triton-rocm 3.5.0, and 3.5.0+gfx906"),
        (f"{ANSWERS['claims']}\nclaims triton-3.5.1", "triton 3.5.1 has put files into triton/"),
        (f"{ANSWERS['claims']}\nbad triton/_C/libtriton.so", "1 files in triton/ are not as"),
        (f"{ANSWERS['claims']}\nloose triton/x.py", "1 files in triton/ are nobody's"),
        (f"claims pytorch_triton_rocm-{OURS}", "nothing says that it is to be kept"),
    ],
)
def test_another_triton_over_ours_is_seen_however_it_came_there(claims: str, why: str) -> None:
    assert why in "; ".join(plan.reasons(seen(claims=claims), WANTED))


def test_a_box_that_was_handed_a_wheel_lacks_what_kernels_are_started_with_but_no_cxx() -> None:
    bare = seen(tools="package python3.12-dev")
    assert plan.lacking_tools(bare) == ["gcc", "libc6-dev", "python3.12-dev"]
    assert "it compiles with what is not there" in plan.reasons(bare, WANTED)[0]
    assert plan.lacking_tools(seen(), build=True) == ["g++"]


def test_every_stack_with_a_graft_has_a_source_of_its_own_triton() -> None:
    for stack in stacks().values():
        version = next(value for name, value in stack.packages.items() if "triton" in name)
        source = for_version(version)
        assert source is not None
        assert source.tag.startswith(f"v{version}+gfx906")
        assert source.local("gfx906") == f"+gfx906.g{source.commit[:9]}"


def test_a_commit_of_ones_own_is_in_the_version_so_that_nobody_takes_it_for_the_pinned_one() -> (
    None
):
    own = for_version("3.5.0", "0123456789abcdef")
    assert own is not None
    assert own.local("gfx906") == "+gfx906.g012345678"
    assert for_version("3.6.0") is None


@pytest.mark.parametrize("value", ["v3.5.0", "12345678", "ABCDEF0123"])
def test_a_commit_that_is_none_is_refused_before_anything_is_done(value: str) -> None:
    with pytest.raises(SettingError, match="triton_commit"):
        settings.read(Settings, {"triton_commit": value})


@pytest.mark.parametrize(
    ("glibc", "system"), [("2.39", "ubuntu"), ("2.28", "almalinux"), ("2.17", "centos")]
)
def test_llvm_is_the_build_for_the_boxs_c_library(glibc: str, system: str) -> None:
    assert llvm_file("7d5de303f", glibc) == f"llvm-7d5de303-{system}-x64.tar.gz"


@pytest.mark.parametrize(
    ("mib", "processors", "wanted", "compilers", "links"),
    [(64000, 16, 0, 16, 7), (16000, 16, 0, 5, 1), (3000, 4, 0, 1, 1), (64000, 16, 3, 3, 3)],
)
def test_no_more_compilers_run_at_once_than_fit_into_memory(
    mib: int, processors: int, wanted: int, compilers: int, links: int
) -> None:
    found = jobs(mib * MIB, processors, 2560 * MIB, wanted)
    assert (found.compile, found.link) == (compilers, links)
    assert found.memory < mib * MIB


@pytest.mark.parametrize(("mib", "wanted"), [(2000, 0), (16000, 12)])
def test_a_box_that_cannot_is_refused_with_the_figures(mib: int, wanted: int) -> None:
    with pytest.raises(TooSmall, match=rf"2560 MiB each do not fit into the {mib * 9 // 10} MiB"):
        jobs(mib * MIB, 16, 2560 * MIB, wanted)


def test_a_disk_that_is_too_small_for_it_is_seen_before_anything_is_sent() -> None:
    assert plan.lacking_space(seen(), 20 << 20, 1 << 30, 50 << 20) == ""
    small = seen(room=ANSWERS["room"].replace("space 9", "space "))
    assert "GB of /," in plan.lacking_space(small, 20 << 20, 1 << 30, 50 << 20)


LOG = """regraft: unpacking the source and LLVM
regraft: configuring
  -- The CXX compiler identification is GNU 13.2.0
  [1/9] Building CXX object CMakeFiles/a.dir/a.cpp.o
  [2/9] Building CXX object CMakeFiles/b.dir/b.cpp.o
"""
FAILED = """  FAILED: CMakeFiles/c.dir/c.cpp.o
  /usr/bin/c++ -Werror -o c.o -c c.cpp
  c.cpp:7:1: error: 'Value' does not name a type
  ninja: build stopped: subcommand failed.
  subprocess.CalledProcessError: Command '['cmake', ...]' returned non-zero exit status 1.
  error: subprocess-exited-with-error
ERROR: Failed building wheel for triton
"""


def test_the_progress_is_what_was_said_last() -> None:
    assert buildlog.progress([]) == "beginning"
    assert buildlog.progress(LOG.splitlines()) == "compiling, 2 of 9 done"
    assert buildlog.progress([*LOG.splitlines(), "regraft: built"]) == buildlog.BUILT


@pytest.mark.parametrize(
    ("more", "first", "cause"),
    [
        (FAILED, "c.cpp:7:1: error: 'Value' does not name a type", "Next: read the log"),
        (
            "c++: fatal error: Killed signal terminated program cc1plus\n" + FAILED,
            "c++: fatal error: Killed signal terminated program cc1plus",
            "a compiler got no more memory. Next: fewer at once (triton_jobs)",
        ),
        (
            "c.cpp:7: error: unused 'x' [-Werror=unused]\n",
            "c.cpp:7: error: unused 'x' [-Werror=unused]",
            "the compiler of this box finds fault",
        ),
        (
            "/tmp/x.s: Assembler messages:\nfatal error: No space left on device\n",
            "fatal error: No space left on device",
            "the disk is full",
        ),
        ("ERROR: x requires a different Python\n", "ERROR: x requires a different Python", "Next"),
    ],
)
def test_the_first_real_error_is_told_and_what_it_means(more: str, first: str, cause: str) -> None:
    lines = [*LOG.splitlines(), *more.splitlines()]
    assert buildlog.first_error(lines) == first
    assert cause in buildlog.cause(lines, "exit-code")


def test_a_build_that_the_memory_limit_has_ended_is_known_by_systemds_word() -> None:
    assert "no more memory" in buildlog.cause(LOG.splitlines(), "oom-kill")


def test_a_build_that_the_kernel_has_ended_without_systemds_word_is_known_by_the_shells() -> None:
    assert "no more memory" in buildlog.cause([*LOG.splitlines(), "Killed"], "exit-code")


def test_a_build_is_followed_until_its_unit_has_ended() -> None:
    told = followed(
        ["@@look follow", "unit active", "result success", "size 120", "log regraft: x", "log "]
    )
    assert not told.ended
    assert (told.size, told.lines) == (120, ("regraft: x", ""))
    assert followed(["@@look follow", "unit failed", "result oom-kill", "size 0"]).ended


def built(
    folder: Path, name: str = f"pytorch_triton_rocm-{OURS}-cp312-cp312-linux_x86_64.whl"
) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(kept.LIBRARY, b"code")
    return path


def test_a_wheel_is_kept_for_the_boxes_that_it_suits_and_no_others(tmp_path: Path) -> None:
    target = Target("3.12.3", "x86_64", "2.39")
    where = kept.folder(str(tmp_path), OURS, target)
    assert kept.kept(where) is None
    new = built(tmp_path)
    begins = kept.name(WANTED.distribution, OURS)
    kept.keep(new, kept.digest(new), begins, where, "one")
    found = kept.kept(where)
    assert found is not None
    assert (found.by, Path(found.path).name) == ("one", new.name)
    for other in (Target("3.11.2", "x86_64", "2.39"), Target("3.12.3", "x86_64", "2.36")):
        assert kept.kept(kept.folder(str(tmp_path), OURS, other)) is None


def test_a_wheel_that_has_changed_since_it_was_kept_is_none(tmp_path: Path) -> None:
    where = tmp_path / "kept"
    new = built(tmp_path)
    found = kept.keep(new, kept.digest(new), "pytorch_triton_rocm-3.5.0+gfx906", where, "one")
    with Path(found.path).open("ab") as wheel:
        wheel.write(b"x")
    assert kept.kept(where) is None
    (where / "kept.json").write_text(json.dumps({"path": "/"}))
    assert kept.kept(where) is None


def test_what_was_not_wanted_is_not_kept(tmp_path: Path) -> None:
    new, where = built(tmp_path), tmp_path / "kept"
    with pytest.raises(kept.NoWheel, match="has not come as the box has it"):
        kept.keep(new, "0" * 64, "pytorch_triton_rocm-", where, "one")
    with pytest.raises(kept.NoWheel, match=r"and triton-3\.4\.0… was|was wanted"):
        kept.keep(new, kept.digest(new), "triton-3.4.0", where, "one")
    empty = tmp_path / "pytorch_triton_rocm-1.whl"
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(kept.NoWheel, match="libtriton"):
        kept.keep(empty, kept.digest(empty), "pytorch_triton_rocm-", where, "one")
    assert kept.kept(where) is None
