"""The lab's PyTorch, where it cannot be had."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lab import pytorch


def test_a_machine_that_reaches_no_index_with_it_has_a_lab_without_and_asks_no_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []
    run = subprocess.run

    def pip(command: list[str], **options: Any) -> Any:
        if "pip" not in command:
            return run(command, **options)
        asked.append(tuple(command))
        return type("Done", (), {"returncode": 1, "stderr": "ERROR: none found\n"})

    distribution = SimpleNamespace(python="3.11")
    plan = SimpleNamespace(distribution=distribution)
    monkeypatch.setattr("tests.lab.sources.plan", lambda: plan)
    monkeypatch.setattr(pytorch, "cache", lambda: tmp_path)
    monkeypatch.setattr(pytorch, "_shipped", lambda: SimpleNamespace(said="none"))
    monkeypatch.setattr("tests.lab.fetched.subprocess.run", pip)
    assert pytorch.pytorch() is None
    said = capsys.readouterr().out
    assert f"goes without PyTorch: pip has no torch=={pytorch.SOURCE}+cpu: ERROR: none" in said
    configured, of_its_own = asked
    assert "--index-url" not in configured
    assert of_its_own[of_its_own.index("--index-url") + 1].endswith("/whl/cpu")
    assert pytorch.pytorch() is None
    assert len(asked) == 2
