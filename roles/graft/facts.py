"""What the box has of grafts, and the catalogs that a donor must fit: a command each."""

from __future__ import annotations

import base64
import binascii
import io
import tarfile

from pyinfra.api import FactBase, FactProcessError

from roles.graft import change
from roles.graft.probes import ASK, probes
from roles.graft.state import State, state
from roles.look import shell
from roles.rocm import simulation
from roles.rocm.simulation import Simulation

MOST_BYTES = 64 << 20  # of catalogs; they have 2 MB


class GraftState(FactBase[State | None]):
    """The box, as the role graft sees it."""

    @staticmethod
    def default() -> None:
        """What a box that could not be asked is like: unknown."""
        return

    def command(self, prefix: str, release: str, arch: str) -> str:
        return shell.script(probes(prefix, release, arch))

    def process(self, output: list[str]) -> State:
        try:
            return state(output)
        except Exception as error:
            raise FactProcessError(f"cannot read what the box has of grafts: {error!r}") from error


class DebWould(FactBase[Simulation]):
    """What apt would do to install a package that lies on the box as a file."""

    @staticmethod
    def default() -> Simulation:
        """Of an apt that said nothing."""
        return simulation.SILENT

    def command(self, deb: str) -> str:
        return change.would(deb)

    def process(self, output: list[str]) -> Simulation:
        return simulation.read(output)


class Free(FactBase[tuple[int, int]]):
    """How many bytes are free in /opt and in /var."""

    @staticmethod
    def default() -> tuple[int, int]:
        """Of a box that does not say."""
        return 0, 0

    def command(self) -> str:
        return shell.space("/opt", "/var")

    def process(self, output: list[str]) -> tuple[int, int]:
        free = shell.free(output)
        if len(free) != 2:
            raise FactProcessError(f"the box does not say what is free: {output!r}")
        return free[0], free[1]


class Catalogs(FactBase[dict[str, bytes]]):
    """The fallback catalogs of a library directory: content by name."""

    default = dict

    def command(self, library: str) -> str:
        return shell.snippet(ASK / "catalogs.sh", library=library)

    def process(self, output: list[str]) -> dict[str, bytes]:
        try:
            packed = base64.b64decode("".join(output), validate=True)
            with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as tar:
                found = {}
                for member in tar:
                    file = tar.extractfile(member)
                    if file is None or "/" in member.name or member.size > MOST_BYTES:
                        raise ValueError(f"{member.name} is no catalog")
                    found[member.name] = file.read()
                return found
        except (ValueError, OSError, tarfile.TarError, binascii.Error, EOFError) as error:
            raise FactProcessError(f"cannot read the box's catalogs: {error!r}") from error
