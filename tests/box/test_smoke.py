"""What the box's cards have shown: pass, fail, or pending where none has computed."""

from __future__ import annotations

from typing import Any

import pytest

from roles import settings
from roles.pytorch.settings import NONE
from roles.pytorch.settings import Settings as PytorchSettings
from roles.smoke.results import Smoke, read

KEPT = "/var/lib/regraft/smoke/result.json"


@pytest.fixture
def smoke(host: Any) -> Smoke:
    """What the last run of the tests has said."""
    if settings.read(PytorchSettings, host.settings).pytorch_stack == NONE:
        pytest.skip("the inventory wants no PyTorch")
    found = read(host.check_output(f"cat {KEPT}"))
    assert found, f"{KEPT} cannot be read"
    return found


@pytest.mark.parametrize("test", ["visible", "mnist", "ops", "gemm", "triton", "multi"])
def test_the_card_passes(smoke: Smoke, test: str) -> None:
    said = [one for one in smoke.tests if one.test == test]
    if not said:
        pytest.skip("not among the last tests. Next: pyinfra INVENTORY deploy/smoke.py")
    failed = [f"{one.card} {one.why}" for one in said if one.result == "fail"]
    assert not failed
    for one in said:
        if one.result == "pending":
            pytest.skip(f"pending: {one.why}")
        if one.result == "gap":
            pytest.xfail(one.why)


def test_what_was_tested_is_what_is_installed(host: Any, smoke: Smoke) -> None:
    own = settings.read(PytorchSettings, host.settings)
    there = f"{own.pytorch_venv}/lib/python3*/site-packages/torch-*.dist-info"
    assert host.check_output(f"basename {there}") == f"torch-{smoke.torch}.dist-info"


def test_no_one_else_can_have_written_what_they_said(host: Any, smoke: Smoke) -> None:
    kept = host.file(KEPT)
    assert (kept.user, kept.group, kept.mode) == ("root", "root", 0o644)
