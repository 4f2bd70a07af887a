"""What people would use instead of regraft, given the same content: Ansible, Mitogen, plain shell.

Each brings a box to what deploy/mi50.py without PyTorch makes of it. What regraft looks at besides,
its preflight, its fit, its coverage, none of them does.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roles.rocm.files import OWN
from roles.rocm.release import load
from tests.lab.box import Box
from tests.lab.inventory import data
from tests.lab.need import LabError
from tests.lab.places import CHECKOUT

HERE = Path(__file__).with_name("peers")
FOLDER = CHECKOUT / "build/peers"  # their virtual environment
PACKAGES = ("ansible-core>=2.19,<2.20", "mitogen>=0.3.54,<0.4")
GRAFT = "regraft-rocblas-gfx906"
RELEASE = "6.4.3"


Content = dict[str, object]


@dataclass(frozen=True)
class Target:
    """
    The box that all of them are run against.

    + reach: as host data + ssh: what a command says there, as root
    + inventory, environment: by which pyinfra finds it
    """

    reach: dict[str, Any]
    ssh: Callable[[str], str]
    inventory: str
    environment: dict[str, str] = field(default_factory=dict)


def lab_target(box: Box) -> Target:
    """A lab box."""
    boxes = {"REGRAFT_LAB_BOXES": str(box.folder)}
    return Target(data(box), lambda said: box.ssh(said, check=False).stdout, "inventory.py", boxes)


@dataclass(frozen=True)
class Way:
    """One way to bring a box to its content. + settled: whether a run of it has changed nothing"""

    name: str
    command: tuple[str, ...]
    settled: Callable[[str], bool]
    environment: dict[str, str] = field(default_factory=dict)
    stdin: str | None = None

    def run(self) -> None:
        """Once, over a box that has it all."""
        said = self.bring()
        if not self.settled(said):
            raise SystemExit(f"{self.name} did not find the box as it should be:\n{said[-2000:]}")

    def bring(self) -> str:
        """Once, over any box; what it said."""
        done = subprocess.run(
            self.command,
            input=self.stdin,
            env={**os.environ, **self.environment},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            raise SystemExit(f"{self.name} failed:\n{said}")
        return done.stdout


def ways(target: Target, content: Content, work: Path) -> list[Way]:
    """All of them, for this box. + content: that it has, or is to get + work: for what they read"""
    _installed()
    told = work / "content.json"
    told.write_text(json.dumps(content))
    script = _script(content)
    reach = target.reach
    ssh = ["ssh", "-p", str(reach["ssh_port"]), "-i", reach["ssh_key"], "-o", "BatchMode=yes"]
    ssh += ["-o", f"UserKnownHostsFile={reach['ssh_known_hosts_file']}", "user@127.0.0.1"]
    mi50 = (_own("pyinfra"), target.inventory, "deploy/mi50.py", "-y", "--json")
    quiet = ("--data", "report_shown=false", "--data", f"report_folder={work}")
    apart = ("--data", "look_once=false")
    ansible = (str(FOLDER / "bin/ansible-playbook"), "-i", str(_inventory(reach, work)))
    play = (*ansible, "-e", f"@{told}", str(HERE / "site.yml"))
    return [
        Way("regraft", (*mi50, *quiet), _nothing_of_pyinfra, target.environment),
        Way("stock pyinfra", (*mi50, *quiet, *apart), _nothing_of_pyinfra, target.environment),
        Way("Ansible", play, _nothing_of_ansible, _config(work)),
        Way("Mitogen", play, _nothing_of_ansible, _config(work, mitogen=True)),
        Way("plain shell", (*ssh, "sudo", "-n", "sh", "-s"), lambda said: not said, stdin=script),
    ]


def floor(target: Target) -> Way:
    """What any run of pyinfra costs."""
    command = (_own("pyinfra"), target.inventory, "-y", "exec", "--", "/bin/true")
    return Way("pyinfra exec -- /bin/true", command, lambda said: True, target.environment)


def _own(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


def _nothing_of_pyinfra(said: str) -> bool:
    results = json.loads(said)["results"]
    totals = results["totals"]
    return bool(not results["failed_hosts"] and totals["success"] == totals["error"] == 0)


def _nothing_of_ansible(said: str) -> bool:
    return "changed=0" in said and "failed=0" in said and "unreachable=0" in said


def content_of(target: Target, debs: Path) -> Content:
    """What is on a box, as what is to be on one. + debs: where the graft's package is"""
    version = target.ssh(f"dpkg-query -W -f '${{Version}}' {GRAFT}")
    (deb,) = debs.glob(f"{GRAFT}_{version}_*.deb")
    return {
        "files": {path: target.ssh(f"cat {path}") for path in OWN},
        "packages": list(load(RELEASE).profiles["runtime"]),
        "prefix": load(RELEASE).prefix,
        "account": "user",
        "graft": GRAFT,
        "version": version,
        "deb": str(deb),
        "holds": target.ssh("apt-mark showhold").split(),
    }


def _script(content: Content) -> str:
    """site.sh after its content."""
    words = {
        name: " ".join(value) if isinstance(value, list) else str(value)
        for name, value in content.items()
        if name != "files"
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in words.items()]
    lines += [
        "written=",
        'put() { [ "$(cat "$1" 2>/dev/null; echo x)" = "$2"x ] || '
        '{ printf %s "$2" >"$1"; written=yes; }; }',
        "put_all() {",
    ]
    files = content["files"]
    assert isinstance(files, dict)
    lines += [f"put {path} {shlex.quote(text)}" for path, text in files.items()]
    return "\n".join([*lines, "}", (HERE / "site.sh").read_text()])


def _installed() -> None:
    made = FOLDER / "made"
    if made.exists() and made.read_text() == str(PACKAGES):
        return
    sys.stderr.write(f"==> installing {' and '.join(PACKAGES)} into {FOLDER}\n")
    pip = [str(FOLDER / "bin/pip"), "--disable-pip-version-check", "-q", "install", *PACKAGES]
    for command in ([sys.executable, "-m", "venv", "--clear", str(FOLDER)], pip):
        if subprocess.run(command, check=False).returncode:
            raise LabError(f"the bench lacks its peers. Next: {' '.join(command)}")
    made.write_text(str(PACKAGES))


def _inventory(reach: dict[str, object], work: Path) -> Path:
    """The box, as Ansible knows it."""
    known = f"-o UserKnownHostsFile={reach['ssh_known_hosts_file']}"
    told = {
        "ansible_host": reach["ssh_hostname"],
        "ansible_port": reach["ssh_port"],
        "ansible_user": reach["ssh_user"],
        "ansible_ssh_private_key_file": reach["ssh_key"],
        "ansible_ssh_common_args": known,
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    path = work / "inventory.json"
    path.write_text(json.dumps({"all": {"hosts": {"box": told}}}))
    return path


def _config(work: Path, mitogen: bool = False) -> dict[str, str]:
    """The environment in which Ansible works, through Mitogen or by itself."""
    lines = [
        "[defaults]",
        "host_key_checking = False",  # Mitogen knows no other file of known hosts
        "interpreter_python = /usr/bin/python3",
        "nocows = 1",
    ]
    if mitogen:
        (plugins,) = FOLDER.glob("lib/python3*/site-packages/ansible_mitogen/plugins/strategy")
        lines += [f"strategy_plugins = {plugins}", "strategy = mitogen_linear"]
    lines += ["[ssh_connection]", "pipelining = True"]
    path = work / f"ansible{'-mitogen' if mitogen else ''}.cfg"
    path.write_text("\n".join(lines) + "\n")
    return {"ANSIBLE_CONFIG": str(path)}
