"""A look at a box: many small questions asked in one shell command, their answers told apart.

A round trip costs more than the questions do, so each role asks all of its own at once. The same
script runs on a box by pyinfra and, with a root put before its paths, over a captured tree.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

MARK = "@@look "  # begins a line; no tool that we ask prints it
TIMEOUT = "timeout 20"  # one tool that hangs must not hang the look
# pyinfra gives up on a box whose output is not UTF-8, and a broken VBIOS string need not be. What
# grep puts after a file's name becomes a tab here: a filter of its own costs a program a question.
PRINTABLE = r" | LC_ALL=C tr '\000-\010\013\014\016-\037\177-\377' '\t[?*]'"

HERE = Path(__file__).parent

DPKG = ("/var/lib/dpkg/status", "/var/lib/dpkg/updates")  # all that dpkg knows of packages
# all that files tell of accounts
ACCOUNTS = (
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),
    *(
        f"{one}/userdb{part}"
        for one in ("/etc", "/run", "/run/host", "/usr/lib")
        for part in ("", "/*")
    ),
)
# want, status, name, version
PACKAGES = "dpkg-query -W -f '${db:Status-Want}\\t${db:Status-Status}\\t${Package}\\t${Version}\\n'"


def script(probes: Mapping[str, str]) -> str:
    """One script from named shell snippets; a failing snippet leaves its section short, no more."""
    parts = [
        f"printf '\\n{MARK}%s\\n' {shlex.quote(name)}; {{ {snippet}\n}} 2>&1 </dev/null"
        for name, snippet in probes.items()
    ]
    return "{\n" + "\n".join(parts) + "\n:\n}" + PRINTABLE


def sections(lines: Iterable[str]) -> dict[str, list[str]]:
    """The script's output by probe. What came before the first mark is not ours and is dropped."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        if line.startswith(MARK):
            current = found.setdefault(line.removeprefix(MARK).strip(), [])
        else:
            current.append(line)
    return {name: _without_blank_end(body) for name, body in found.items()}


def _without_blank_end(body: list[str]) -> list[str]:
    while body and not body[-1].strip():
        body.pop()
    return body


def snippet(path: Path, **given: str) -> str:
    """The shell in a file, after assignments of what it is given."""
    told = "".join(f"{name}={shlex.quote(value)}\n" for name, value in given.items())
    return told + path.read_text()


def keeping(answers: str = "/run/regraft/kept") -> str:
    """A snippet that gives those after it the function `kept`."""
    return snippet(HERE / "kept.sh", answers=answers)


def kept(name: str, question: str, files: Iterable[str]) -> str:
    """
    A snippet, after `keeping`, that answers a question, unasked where nothing can have changed.

    + question: a command + files: all that its answer depends on, as shell words
    """
    told, words = shlex.quote(question), " ".join(files)
    # another regraft's is another, and so is another role's, who asks the same by other files
    return f"kept {name}-{_sum(told + words)} files-{_sum(words)} {told} {words}\n"


def of_python(python: str, name: str, question: str, files: Iterable[str]) -> str:
    """
    A snippet, after `keeping`, that answers a question to a Python, which depends on these files.

    Only the distribution's own has its answer kept: any other may be a link to whatever.
    + python: its path, as a shell word
    """
    asked = kept(name, question, files)
    return f"case {python} in\n/usr/bin/python3*)\n{asked};;\n*)\n{question}\n;;\nesac\n"


def kept_while(now: str, name: str, question: str) -> str:
    """
    A snippet, after `keeping`, that answers a question, unasked while a command says the same.

    + now: that command, which tells all that the answer depends on
    """
    return f'kept_while "$({now})" {name}-{_sum(question)} {shlex.quote(question)}\n'


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def whole(files: Iterable[str]) -> str:
    """
    A snippet, after `keeping`, that gives those after it the function whole NAME MANIFEST, which
    prints what is not as a manifest of sha256sum's says. + NAME: of what it is the manifest of

    + files: as shell words, the manifest and $brought among them: what `brought` finds in it
    """
    question = 'sha256sum --check --quiet --strict "$manifest" 2>/dev/null'
    return "whole() {\nmanifest=$2\n" + kept('"$1"', question, files) + "}\n"


def brought(manifests: Iterable[str]) -> str:
    """A snippet that sets $brought to what these manifests list, as words: none has a blank."""
    return (
        f"set --; for one in {' '.join(manifests)}; do "
        '[ ! -e "$one" ] || set -- "$@" "$one"; done\n'
        'brought=; [ $# = 0 ] || brought=$(cut -c 67- "$@")\n'
    )


def account(user: str) -> str:
    """A snippet that sets $user: to this one, or where it is empty to the one that is logged in."""
    # under sudo the login is in SUDO_USER, not in LOGNAME
    return f'user={shlex.quote(user)}\n: "${{user:=${{SUDO_USER:-$(id -un)}}}}"\n'


def who(files: Iterable[str]) -> str:
    """
    A snippet, after `keeping`, that prints the account $user as getent does, and its groups.

    + files: on which it depends, ACCOUNTS among them
    """
    return kept('who-"$user"', (HERE / "who.sh").read_text(), files)


def read(path: str) -> str:
    """A snippet that prints a small file without starting a program, which costs far more."""
    lines = 'while IFS= read -r line || [ -n "$line" ]; do printf \'%s\\n\' "$line"; done'
    return f"[ ! -r {path} ] || {lines} <{path}"


def read_files(patterns: Iterable[str]) -> str:
    """A snippet that prints every readable file of these shell patterns, as path, NUL, line.

    One grep for all: a fork a file costs seconds on a box with eight cards.
    """
    return f"grep -asHZ '' {' '.join(patterns)}"


def space(*folders: str) -> str:
    """A snippet that prints how many bytes are free where these folders are, or would be."""
    asked = "".join(
        f'[ -d {one} ] && set -- "$@" {one}/. || set -- "$@" {Path(one).parent}/.; '
        for one in folders
    )
    return f'set --; {asked}df -B1 --output=avail "$@"'


def free(body: Iterable[str]) -> list[int]:
    """What `space` printed."""
    return [int(line) for line in body if line.strip().isdigit()]


def files(body: Iterable[str]) -> dict[str, str]:
    """What `read_files` printed, by path: contents without the last newline."""
    found: dict[str, list[str]] = {}
    for line in body:
        path, tab, text = line.partition("\t")
        if tab:
            found.setdefault(path, []).append(text)
    return {path: "\n".join(text) for path, text in found.items()}
