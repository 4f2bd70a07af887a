"""What a run begins with: each import is waited for by everybody, each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What only the programs need that a run has work done by.
HEAVY = {"requests", "urllib3", "zstandard", "packaging.pylock", "roles.graft.build"}


def test_a_run_is_not_kept_waiting_by_what_only_its_programs_need() -> None:
    rooms = sorted(f"roles.{path.parent.name}.deploy" for path in ROOT.glob("roles/*/deploy.py"))
    assert len(rooms) > 5
    rooms += ["roles.ahead", "roles.report.operations"]
    told = f"import sys, {', '.join(rooms)}\nprint(*sys.modules)"
    done = subprocess.run(
        (sys.executable, "-c", told), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.split())
