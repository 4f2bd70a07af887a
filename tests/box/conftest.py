"""The checks run against any inventory: pytest tests/box --inventory inventories/mine.py"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import testinfra  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inventory", default="inventory.py", help="the boxes, as pyinfra takes them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "host" in metafunc.fixturenames:
        boxes = _boxes(metafunc.config.getoption("--inventory"))
        names = [str(box["name"]) for box in boxes]
        metafunc.parametrize("host", boxes, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One box of the inventory, reached as pyinfra reaches it; its host data is `host.settings`."""
    reached = _reached(request.param, tmp_path_factory)
    reached.settings = request.param["data"]
    return reached


def _reached(box: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    name, data = box["name"], box["data"]
    sudo = bool(data.get("_sudo"))
    if name == "@local":
        return testinfra.get_host("local://", sudo=sudo)
    user = f"{data['ssh_user']}@" if data.get("ssh_user") else ""
    port = f":{data['ssh_port']}" if data.get("ssh_port") else ""
    options = {
        "UserKnownHostsFile": data.get("ssh_known_hosts_file"),
        "StrictHostKeyChecking": data.get("ssh_strict_host_key_checking"),
        "ControlMaster": "auto",
        "ControlPersist": "30",
        "ControlPath": str(tmp_path_factory.mktemp("ssh") / "%C"),
    }
    arguments = [f"-o {key}={value}" for key, value in options.items() if value]
    return testinfra.get_host(
        f"ssh://{user}{data.get('ssh_hostname', name)}{port}",
        ssh_identity_file=data.get("ssh_key"),
        ssh_extra_args=" ".join(arguments),
        sudo=sudo,
    )


@cache
def _boxes(inventory: str) -> list[dict[str, Any]]:
    """Asked once, by another process: pyinfra's command line patches the one that imports it."""
    command = [str(Path(sys.executable).with_name("pyinfra")), inventory, "debug-inventory"]
    told = subprocess.run(
        [*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise pytest.UsageError(f"the inventory {inventory} cannot be read:\n{told.stderr.strip()}")
    return list(json.loads(told.stdout))
