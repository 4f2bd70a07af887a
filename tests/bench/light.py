"""Light boxes: the lab's root at this machine's own speed, an sshd a box, in their own namespaces.

They share one root, one kernel and no card: enough for what many boxes, or fast ones, cost to ask.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roles.wire import QUICK
from tests.lab.image import Image
from tests.lab.need import LabError, root

# The mounts and all processes of the boxes go with the process that made them.
BOXES = r"""
set -eu
disk=$1
cd "$2" # overlay's options cannot have every name in them
shift 2
mkdir disk changed work root
mount -o loop,ro,noload "$disk" disk
mount -t overlay -o lowerdir=disk,upperdir=changed,workdir=work overlay root
root=$PWD/root
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/run/sshd" "$root/run/lock"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
for port; do
    chroot "$root" /usr/sbin/sshd </dev/null -p "$port" -o ListenAddress=127.0.0.1 -o PidFile=none
done
read -r end || : # which comes when the other side is gone, however it went
umount -l -R "$root"
rm -rf "${root%/*}/changed" "${root%/*}/work"
"""


class Light:
    """Boxes of one root, by their ports."""

    def __init__(self, image: Image, ports: list[int], known_hosts: Path) -> None:
        self.image, self.ports, self.known_hosts = image, ports, known_hosts

    def data(self, port: int) -> dict[str, Any]:
        """Host data by which pyinfra reaches one."""
        return {
            "ssh_hostname": "127.0.0.1",
            "ssh_port": port,
            "ssh_user": "user",
            "ssh_key": str(self.image.key),
            "ssh_known_hosts_file": str(self.known_hosts),
            "ssh_strict_host_key_checking": "yes",
            "_sudo": True,
            **QUICK,
        }

    def ssh(self, command: str, stdin: bytes = b"") -> str:
        """What a command says on the first of them, as root."""
        to = ["-p", str(self.ports[0]), "-o", f"UserKnownHostsFile={self.known_hosts}"]
        said = subprocess.run(
            ["ssh", "-i", str(self.image.key), *to, "root@127.0.0.1", command],
            input=stdin,
            stdout=subprocess.PIPE,
            check=False,
        )
        return said.stdout.decode()

    def send(self, file: Path) -> None:
        """Have a file on the first of them where it is here."""
        path = shlex.quote(str(file))
        self.ssh(f"mkdir -p $(dirname {path}) && cat >{path}", stdin=file.read_bytes())


@contextmanager
def light(image: Image, count: int, folder: Path) -> Iterator[Light]:
    """So many of them, as new, answering, until the block ends. + folder: for what they change"""
    own = Path(tempfile.mkdtemp(dir=folder, prefix="light-"))
    ports = _free(count)
    known = own / "known_hosts"
    known.write_text("".join(f"[127.0.0.1]:{port} {image.host_key}\n" for port in ports))
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL"]
    told = [str(image.disk), str(own), *map(str, ports)]
    process = subprocess.Popen(
        [*root(), *unshare, "sh", "-c", BOXES, "boxes", *told], stdin=subprocess.PIPE
    )
    with process:
        for port in ports:
            _answers(port, process)
        yield Light(image, ports, known)


def _free(count: int) -> list[int]:
    """Ports that nobody listens on, all at once."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _answers(port: int, process: subprocess.Popen[bytes], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as to:
                if to.recv(4) == b"SSH-":
                    return
        except OSError:
            time.sleep(0.05)
    raise LabError(
        "light boxes do not answer: they want root, namespaces and a loop device. "
        f"Next: sudo {os.environ.get('MAKE', 'make')} bench"
    )
