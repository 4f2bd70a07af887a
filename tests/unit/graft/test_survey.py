"""The survey of a box's libraries: by the box itself, kept there, asked anew when it is old."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roles.graft import answer, change, probes
from roles.graft.coverage import coverage
from roles.graft.probes import ASK
from roles.look.shell import keeping, snippet
from tests.tensile_files import library, put
from tests.unit.graft.test_coverage import NEWER, OLDER, TREE

TOOLS = (
    "sh",
    "mkdir",
    "rm",
    "mktemp",
    "base64",
    "timeout",
    "tail",
    "tr",
    "cut",
    "chmod",
    "sync",
    "mv",
)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a box: its ROCm is in opt, its PATH is bin."""
    monkeypatch.setattr(answer, "KEPT", str(tmp_path / "var/lib/regraft/coverage.json"))
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    python = Path(sys.base_prefix, "bin", "python3")  # not the virtual environment's
    (tmp_path / "bin/python3").write_text(f'#!{shutil.which("sh")}\nexec {python} -S "$@"\n')
    (tmp_path / "bin/python3").chmod(0o755)
    put(tmp_path / "opt", TREE)
    return tmp_path


def surveyed(box: Path, key: str = "a1") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", change.survey(str(box / "opt"), key)],
        input=answer.program(),
        env={"PATH": str(box / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def kept(box: Path) -> answer.Answer:
    (path,) = (box / "var/lib/regraft").iterdir()  # and nothing that is half done
    assert path.name == "coverage.json"
    found = answer.read(path.read_text())
    assert found
    return found


def digest(box: Path) -> str:
    given = {"folder": f"{box}/opt/lib", "kept": answer.KEPT, "into": "libraries"}
    kernels = "rocblas/library hipblaslt/library"
    asked = keeping(f"{box}/run") + snippet(ASK / "survey.sh", **given, kernels=kernels)
    said = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True).stdout
    word, _, text = said.splitlines()[0].partition(" ")
    assert (word, len(text)) == ("libraries", 64)
    return text


def test_the_box_finds_what_the_controller_would_with_nothing_installed(box: Path) -> None:
    asked = subprocess.run([box / "bin/python3", "-I", "-c", "import zstandard"], check=False)
    assert asked.returncode
    done = surveyed(box)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    here = {one.path: one for one in coverage(box / "opt").libraries}
    found = kept(box)
    assert (found.key, found.problem) == ("a1", "")
    assert {one.path: one.archs for one in found.found} == {
        path: one.archs for path, one in here.items()
    }
    assert [one.problem for one in found.found if one.name == "RCCL"] == ["an HTML page"]


def test_what_is_kept_is_readable_for_all_and_small(box: Path) -> None:
    surveyed(box)
    path = box / "var/lib/regraft/coverage.json"
    assert oct(path.stat().st_mode) == "0o100644"
    assert path.stat().st_size < 8192
    assert len(answer.program()) < 32 << 10


def test_what_an_earlier_survey_has_left_half_done_goes(box: Path) -> None:
    put(box / "var/lib/regraft", {".coverage.abc": b"half", "coverage.json": b"old"})
    surveyed(box)
    assert kept(box).key == "a1"


def without_python(box: Path) -> None:
    (box / "bin/python3").unlink()


def ancient_python(box: Path) -> None:
    shell = "#!/bin/sh\necho 'SyntaxError: \"what\" is `this`' >&2\nexit 1"
    (box / "bin/python3").write_text(shell)


def mute_python(box: Path) -> None:
    (box / "bin/python3").write_text("#!/bin/sh\nkill -9 $$")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_python, "python3"),
        (ancient_python, "SyntaxError: what is this"),
        (mute_python, "it ended without a word"),
    ],
)
def test_a_survey_that_fails_fails_no_run_and_its_reason_is_kept(
    box: Path, spoil: object, said: str
) -> None:
    assert callable(spoil)
    spoil(box)
    assert surveyed(box, "b2").returncode == 0
    found = kept(box)
    assert (found.key, found.found) == ("b2", ())
    assert said in found.problem


def test_where_nothing_can_be_kept_the_run_goes_on(box: Path) -> None:
    put(box, {"var/lib/regraft": b"a file in the place of the folder"})
    assert surveyed(box).returncode == 0


def test_it_is_taken_away_without_a_trace_but_not_what_lies_beside_it(box: Path) -> None:
    for beside in (False, True):
        surveyed(box)
        if beside:
            put(box / "var/lib/regraft", {"graft/x": b"pass"})
        subprocess.run(["sh", "-c", change.forget()], check=True)
        assert (box / "var/lib/regraft").exists() is beside
    assert os.listdir(box / "var/lib/regraft") == ["graft"]


def test_other_libraries_are_another_question_and_other_files_are_not(box: Path) -> None:
    lib = box / "opt/lib"
    first = digest(box)
    put(lib, {"notes": b"", "cmake/rocblas/x.cmake": b""})
    assert digest(box) == first
    seen = {first}
    (lib / "librocsolver.so.0").write_bytes(library(OLDER, NEWER))
    seen.add(digest(box))
    os.utime(lib / "librocsolver.so.0", (1, 1))
    seen.add(digest(box))
    put(lib / "rocblas/library", {"TensileLibrary_lazy_gfx906.dat": b""})
    seen.add(digest(box))
    (lib / "librocblas.so.5").symlink_to("librocblas.so.5.0.70002")
    seen.add(digest(box))
    assert len(seen) == 5


def test_a_box_without_rocm_has_a_digest_too(tmp_path: Path) -> None:
    assert digest(tmp_path) == digest(tmp_path / "gone")


def test_the_question_is_of_the_release_its_libraries_and_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = {answer.key("/opt/rocm-6.4.3", "1"), answer.key("/opt/rocm-6.4.3", "2")}
    keys.add(answer.key("/opt/rocm-7.0.2", "1"))
    monkeypatch.setattr(answer, "_sources", lambda: {"roles/graft/carried.py": "newer"})
    keys.add(answer.key("/opt/rocm-6.4.3", "1"))
    assert len(keys) == 4


def test_the_program_is_the_same_bytes_again() -> None:
    assert answer.program.__wrapped__() == answer.program()


def test_the_look_asks_it_along_with_the_rest() -> None:
    asked = probes.probes("/opt/rocm-6.4.3", "6.4.3", "gfx906")["survey"]
    assert "folder=/opt/rocm-6.4.3/lib\n" in asked
    assert "kernels='rocblas/library hipblaslt/library'\n" in asked


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "1", "null", '{"found": []}', '{"key": "a", "found": 1}', "[" * 100_000),
        '{"key": "a", "found": [1]}',
        '{"key": "a", "found": [{"name": "rocBLAS", "path": "x", "archs": null, "problem": ""}]}',
    ],
)
def test_an_answer_that_cannot_be_read_is_none(text: str) -> None:
    assert answer.read(text) is None


def test_a_library_that_we_no_longer_know_is_left_out() -> None:
    row = {"path": "x", "archs": ["gfx906"], "problem": ""}
    rows = [{"name": name, **row} for name in ("RCCL", "something")]
    found = answer.read(json.dumps({"key": "a", "found": rows}))
    assert found
    assert [one.name for one in found.found] == ["RCCL"]
