"""The commands that change a box, put together from the shell in do/. Pure: text out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from roles.alone import alone
from roles.apt import with_apt
from roles.look.shell import snippet
from roles.triton.jobs import Jobs
from roles.triton.plan import Wanted
from roles.triton.probes import FOLDER, LOG, UNIT

DO = Path(__file__).with_name("do")
INSTALL = "/var/cache/regraft-triton-wheel"


def make_room(folder: str) -> str:
    """An empty folder, for what is sent: once what a killed run has begun is done with the last."""
    return alone(f"rm -rf {folder} && install -d {folder}")


def tools(packages: Sequence[str]) -> str:
    return with_apt(DO / "tools.sh", packages=" ".join(packages))


def start(
    what: str, user: str, python: str, jobs: Jobs, wanted: Wanted, tools: Iterable[tuple[str, ...]]
) -> str:
    """
    Begin a build of what lies in the folder.

    + what: it is called by + tools: name, version and sha256 of each wheel in tools/
    """
    script = snippet(
        DO / "build.sh",
        python=python,
        wanted="\n".join(f"{name}=={version} --hash=sha256:{of}" for name, version, of in tools),
        name=wanted.distribution,
        suffix=wanted.suffix,
        compile=str(jobs.compile),
        link=str(jobs.link),
    )
    return snippet(
        DO / "start.sh",
        folder=FOLDER,
        unit=UNIT,
        log=LOG,
        what=what,
        user=user,
        memory=str(jobs.memory),
        script=script,
    )


def clear() -> str:
    """End what goes on, and delete what it was about."""
    return snippet(DO / "clear.sh", folder=FOLDER, unit=UNIT)


def uploaded(wheel: str) -> str:
    """Where a wheel lies on the box until it is installed."""
    return f"{INSTALL}/{PurePath(wheel).name}"


def install(
    user: str, venv: str, wheel: str, sha256: str, wanted: Wanted, others: Iterable[str]
) -> str:
    return alone(
        snippet(
            DO / "install.sh",
            user=user,
            venv=venv,
            wheel=uploaded(wheel),
            sum=sha256,
            version=wanted.version,
            others=" ".join(others),
        )
    )


def remove() -> str:
    return with_apt(DO / "remove.sh", log=LOG)
