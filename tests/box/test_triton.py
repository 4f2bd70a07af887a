"""What must be true of a box's Triton: where one was built for the card, it is the only one."""

from __future__ import annotations

from typing import Any

import pytest

from roles import settings
from roles.pytorch.settings import NONE, Settings
from roles.triton.settings import Settings as TritonSettings

MARK = "regraft-triton"


@pytest.fixture
def packages(host: Any) -> str:
    """The site-packages of an environment in which it is to be."""
    own = settings.read(Settings, host.settings)
    if own.pytorch_stack == NONE:
        pytest.skip("the inventory wants no PyTorch")
    wanted = settings.read(TritonSettings, host.settings).triton_build
    if not wanted and not host.file(f"{own.pytorch_venv}/{MARK}").exists:
        pytest.skip("PyTorch keeps its own. Next: pyinfra INVENTORY deploy/triton.py")
    return str(host.check_output(f"ls -d {own.pytorch_venv}/lib/python3*/site-packages"))


def test_one_distribution_owns_it_and_is_the_one_that_was_built_for_the_card(
    host: Any, packages: str
) -> None:
    owners = f"cd {packages} && grep -l '^triton/__init__.py,' ./*.dist-info/RECORD"
    (owner,) = host.check_output(owners).split()
    version = host.check_output(f"cat {packages}/../../../{MARK}")
    assert "+gfx906.g" in version
    assert owner.endswith(f"-{version}.dist-info/RECORD")


def test_its_library_is_the_one_that_its_wheel_has_brought(host: Any, packages: str) -> None:
    library = "triton/_C/libtriton.so"
    recorded = host.check_output(f"cd {packages} && grep -h '^{library},' ./*.dist-info/RECORD")
    digest = host.check_output(
        f"cd {packages} && openssl dgst -sha256 -binary {library} | base64 | tr '/+' '_-' | tr -d ="
    )
    assert recorded.split(",")[1] == f"sha256={digest}"
