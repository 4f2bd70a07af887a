"""What an image is called: nalanzeyu/vllm-gfx906:v0.12.0-rocm6.3. Pure.

As the engines read it: without a registry it is Docker Hub's, and there one without a user is of
`library/`; without a tag and without a digest it is `latest`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roles.settings import SettingError

HUB = "docker.io"
HUB_TOO = "index.docker.io"  # as old clients have written it into many a file
NEWEST = "latest"
MOST = 255  # characters of a name, with its registry

LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}(?:\.{LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]{{1,5}})?")
PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
PATH = re.compile(rf"{PART}(?:/{PART})*")
TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Reference:
    """+ host: of its registry + path: of its repository there + tag, digest: "": not said"""

    host: str
    path: str
    tag: str
    digest: str

    @property
    def tagged(self) -> str:
        """In full, as every engine understands it, with its tag; "": it has none."""
        return f"{self.host}/{self.path}:{self.tag}" if self.tag else ""


def parse(text: str) -> Reference:
    """Read a reference; SettingError says what is wrong with one."""
    if "://" in text:
        raise _refused(text, "it begins like an address")
    if DIGEST.fullmatch(text):
        raise _refused(text, "of which repository?")
    name, at, digest = text.partition("@")
    if at and not DIGEST.fullmatch(digest):
        raise _refused(text, "after @ belong sha256: and 64 of 0-9 a-f")
    name, tag = _tag(name)
    if tag and not TAG.fullmatch(tag):
        raise _refused(text, f"{tag!r} is no tag")
    host, path = _host(name)
    if not HOST.fullmatch(host):
        raise _refused(text, f"{host!r} is no registry")
    if path != path.lower():
        raise _refused(text, f"{path!r} is written in small letters")
    if not PATH.fullmatch(path) or len(f"{host}/{path}") > MOST:
        raise _refused(text, f"{path!r} is no repository")
    if host == HUB and "/" not in path:
        path = f"library/{path}"
    return Reference(host, path, tag or ("" if digest else NEWEST), digest)


def _tag(name: str) -> tuple[str, str]:
    """What comes before the tag, and it: a colon before a slash is a port's."""
    before, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return name, ""
    return before, tag or ":"  # one without a tag after it is a mistake


def _host(name: str) -> tuple[str, str]:
    """The registry, and the repository in it: the first part is a registry if it looks like one."""
    first, slash, rest = name.partition("/")
    if not slash or not (set(first) & set(".:") or first == "localhost"):
        return HUB, name
    host = first.lower()
    return HUB if host == HUB_TOO else host, rest


def _refused(text: str, why: str) -> SettingError:
    return SettingError(
        f"{text!r} is no image: {why}. "
        "Next: write it like 'nalanzeyu/vllm-gfx906:v0.12.0-rocm6.3' or 'host:5000/name@sha256:…'"
    )
