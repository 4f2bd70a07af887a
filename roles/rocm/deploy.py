"""The steps of the role rocm, in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pyinfra.api.operation import OperationMeta
from pyinfra.context import ctx_host

from roles import settings
from roles.gpu.settings import Settings as GpuSettings
from roles.refuse import stop
from roles.rocm import files, operations
from roles.rocm.release import load
from roles.rocm.settings import Settings
from roles.upstream.given import given
from roles.upstream.signing import KeyRefused, signing_key


def heal() -> OperationMeta:
    """Have dpkg come to an end with what an earlier run was cut off in: before anything else."""
    user = settings.read(GpuSettings, ctx_host.get().data.dict()).gpu_user
    return operations.heal(name="dpkg | after an interruption", user=user)


def rocm(cards: int) -> Callable[[], bool]:
    """
    ROCm on this box. Gives a question for later: has it changed the box?

    + cards: how many the box has
    """
    data = ctx_host.get().data.dict()
    own = settings.read(Settings, data)
    user = settings.read(GpuSettings, data).gpu_user
    upstream = given(data)
    addresses, keys = upstream.addresses, Path(upstream.cache) / "keys"
    release = load(own.rocm_release)
    fingerprint = own.rocm_key_fingerprint or release.fingerprint
    try:
        key = signing_key(f"{addresses['amd-rocm'].rstrip('/')}/rocm.gpg.key", fingerprint, keys)
    except KeyRefused as problem:
        stop(str(problem))
        return lambda: False

    steps: list[OperationMeta] = [
        heal(),
        operations.packages(
            name="ROCm | repositories and packages",
            user=user,
            release=release,
            profile=own.rocm_profile,
            beside=own.rocm_side_by_side,
            addresses=addresses,
            key=key,
        ),
        operations.alternative(name="ROCm | /opt/rocm", user=user, release=release),
        operations.environment(
            name="ROCm | shells, linker, udev", user=user, wanted=files.settings(release)
        ),
        operations.account(name="ROCm | account", user=user, create=own.rocm_user_create),
        operations.driver(
            name="ROCm | driver", user=user, release=release, choice=own.rocm_driver, cards=cards
        ),
        operations.hold(
            name="ROCm | holds", user=user, ours=own.rocm_hold, kernel=own.rocm_hold_kernel
        ),
    ]
    return lambda: any(step.did_change() for step in steps)
