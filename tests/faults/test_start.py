"""What a run begins with: each import is waited for by everybody, each time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What only the programs need that a run has work done by.
HEAVY = {"requests", "urllib3", "zstandard", "packaging.pylock", "roles.graft.build"}
PROGRAM = re.compile(r"sys\.exit\(worker\(")


def test_a_run_is_not_kept_waiting_by_what_only_its_programs_need() -> None:
    rooms = sorted(f"roles.{path.parent.name}.deploy" for path in ROOT.glob("roles/*/deploy.py"))
    assert len(rooms) > 5
    assert not HEAVY & loaded(*rooms, "roles.ahead", "roles.report.operations")


def test_a_program_is_not_kept_waiting_by_what_only_a_run_needs() -> None:
    paths = (path for path in ROOT.glob("roles/*/*.py") if PROGRAM.search(path.read_text()))
    programs = [f"roles.{path.parent.name}.{path.stem}" for path in paths]
    assert len(programs) > 4
    assert "pyinfra" not in loaded(*programs)


def test_a_mistyped_setting_is_a_line_of_a_run_and_no_traceback(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.py"
    inventory.write_text('box = [("@local", {"rocm_release": "6.4.4", "report_shown": False})]\n')
    pyinfra = Path(sys.executable).with_name("pyinfra")
    done = subprocess.run(
        (pyinfra, "-y", inventory, "deploy/preflight.py"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    assert "6.4.4" in done.stderr
    assert "Did you mean" in done.stderr
    assert "Traceback" not in done.stderr


def loaded(*modules: str) -> set[str]:
    """All modules of a Python that has imported these."""
    told = f"import sys, {', '.join(modules)}\nprint(*sys.modules)"
    done = subprocess.run(
        (sys.executable, "-c", told), cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())
