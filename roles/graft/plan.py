"""What has to be done about a graft, decided from the box's state. Pure."""

from __future__ import annotations

from roles.graft.order import Built, Graft
from roles.graft.state import State
from roles.rocm import names
from roles.rocm.simulation import Simulation


def reasons(state: State, graft: Graft) -> list[str]:
    """Why this graft has to be put in place; it is there and whole: an empty list."""
    there = state.packages.get(graft.name)
    if there is None or there.status == "not-installed":
        found = ["there is none"]
    elif there.status != "installed":
        found = [f"dpkg has left it {there.status}"]
    elif there.version != graft.version:
        found = [f"{there.version} is there, {graft.version} belongs to this rocBLAS and donor"]
    else:
        found = []
    bad = state.bad.get(graft.name, ())
    if bad:
        found.append(f"{_some(bad)}: not as the graft has brought it")
    if graft.layout == "arch-dir" and not state.linked:
        found.append(f"{graft.recipient.library}/{graft.arch} does not lead to it")
    if state.loose:
        found.append(f"{_some(state.loose)}: of an earlier copy by hand, to be set aside")
    return found


def objections(would: Simulation) -> list[str]:
    """Why apt may not be let; nothing to object: an empty list."""
    foreign = [name for name, _ in would.removals if not names.is_graft_name(name)]
    down = [name for name in would.downgrades if not names.is_graft_name(name)]
    more = [one.name for one in would.installs if not names.is_graft_name(one.name)]
    found = [f"apt cannot: {would.problem}"] if would.problem else []
    for listed, what in ((foreign, "remove"), (down, "downgrade"), (more, "install")):
        if listed:
            found.append(f"it would {what} {', '.join(listed)}")
    return found


def lacking_space(built: Built, opt: int, var: int) -> str:
    """
    What does not fit on the box; empty: it does. dpkg keeps old and new until all is there.

    + opt, var: bytes that are free there
    """
    for folder, wanted, free in (("/opt", built.unpacked, opt), ("/var", 2 * built.size, var)):
        if free < wanted:
            return (
                f"it wants {-(-wanted >> 20)} MiB below {folder}, where {free >> 20} are free. "
                f"Next: df -h {folder}"
            )
    return ""


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0].rpartition('/')[2]}{more}"
