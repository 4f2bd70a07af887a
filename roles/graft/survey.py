"""Steps that change nothing for a program: what the libraries carry, found out and kept on the box.

It is for the report alone, so it fails no run; what has failed is kept too, and not tried again
until the libraries are others.
"""

from __future__ import annotations

from pyinfra import host
from pyinfra.api.command import StringCommand

from roles.graft import answer, change, seen
from roles.rocm.release import Release
from roles.step import Commands, step


@step
def survey(release: Release, arch: str) -> Commands:
    """
    Have it known for which cards the libraries of a release carry code.

    + release: which one
    + arch: of the card, as for the other steps
    """
    state = seen.look(release, arch)
    key = answer.key(release.prefix, state.libraries)
    if state.answer and state.answer.key == key:
        host.noop("what the libraries carry is known")
        return
    yield StringCommand(change.survey(release.prefix, key), _stdin=answer.program())


@step
def forget(release: Release, arch: str) -> Commands:
    """Take the answer away. + release, arch: as for `survey`"""
    if not seen.look(release, arch).surveyed:
        host.noop("nothing is kept of what the libraries carry")
        return
    yield change.forget()
