"""Lab boxes as pyinfra knows them: how to reach each, and what its settings are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyinfra.api.exceptions import InventoryError

from roles.pytorch.settings import NONE
from roles.upstream.table import upstreams
from roles.wire import QUICK

from . import digits
from .amd import Amd
from .arch import packager_key, signing_keys
from .box import Box, qemu
from .mirror.upstreams import upstream
from .places import box_folder, cache
from .pytorch import pytorch
from .triton import triton


def hosts() -> list[tuple[str, dict[str, Any]]]:
    """This checkout's box, or those whose folders REGRAFT_LAB_BOXES names, parted by colons."""
    named = os.environ.get("REGRAFT_LAB_BOXES")
    folders = [Path(name) for name in named.split(":")] if named else [box_folder()]
    return [(box.name, data(box)) for box in map(_running, folders)]


def data(box: Box) -> dict[str, Any]:
    """Host data of a running box."""
    return {
        "ssh_hostname": "127.0.0.1",
        "ssh_port": box.port,
        "ssh_user": "user",
        "ssh_key": str(box.image.key),
        "ssh_known_hosts_file": str(box.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "_sudo": True,
        **QUICK,
        "gpu_stand_in": f"{box.image.said}, a kernel module shows the cards and computes nothing",
        "preflight_free_gib": 15,  # its disk has 24, and the lab's ROCm is small
        "upstream_lock": str(box.folder / "regraft.lock.toml"),
        "upstream_cache": str(cache() / "controller"),
        **box.settings,
    }


def upstream_settings(port: int, amd: Amd) -> dict[str, Any]:
    """Host data that points a box at a mirror of all that the lab has. + port: on loopback"""
    paths = {one.name: urlsplit(one.address).path for one in upstreams({})}
    paths["python-packages"] = f"/{upstream('python-packages')}"  # the real one is left to uv
    source = triton()
    return {
        "upstream_addresses": {n: f"http://127.0.0.1:{port}{p}" for n, p in paths.items()},
        "rocm_key_fingerprint": amd.fingerprint,
        "graft_donor_key": str(packager_key(signing_keys())),
        "smoke_digits_sha256": digits.sums(),
        **({} if pytorch() else {"pytorch_stack": NONE}),
        **({"triton_commit": source.commit} if source else {}),
        "triton_job_mib": 256,  # its units are small, and so is the box
    }


def _running(folder: Path) -> Box:
    if (folder / "box.json").exists() and qemu(folder):
        return Box(folder)
    raise InventoryError(
        "this inventory is the lab box of this checkout, and it is not up. "
        "Next: make lab; for a box of your own: cp inventories/example.py inventories/mine.py"
    )
