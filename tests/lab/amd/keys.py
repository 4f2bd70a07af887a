"""The lab's own signing keys: made once, and kept where only this user can read them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..image import only_one
from ..need import LabError

OTHER = "regraft lab, a wrong key"


@dataclass(frozen=True)
class Keys:
    """A folder with two keys: one signs, the other is for tests that want a wrong one.

    + of: for whom the one that signs stands in
    """

    home: Path
    of: str = "AMD"

    @property
    def signs(self) -> str:
        return f"regraft lab, not {self.of}"

    @property
    def fingerprint(self) -> str:
        """Of the key that signs."""
        return self._fingerprint(self.signs)

    @property
    def other_fingerprint(self) -> str:
        return self._fingerprint(OTHER)

    @property
    def public(self) -> str:
        """The key that signs, armoured."""
        return self._gpg("--armor", "--export", f"={_identity(self.signs)}").decode()

    @property
    def other(self) -> str:
        """The wrong key, armoured."""
        return self._gpg("--armor", "--export", f"={_identity(OTHER)}").decode()

    def signed(self, text: bytes, by: str = "") -> tuple[bytes, bytes]:
        """The text with its signature around it, and the signature alone. + by: not the usual"""
        sign = ("--armor", *self._sign(by))
        with only_one(self.home.parent):  # else one process ends the other's agent
            try:
                around = self._gpg(*sign, "--clearsign", stdin=text)
                return around, self._gpg(*sign, "--detach-sign", stdin=text)
            finally:
                self._end_agent()

    def detached(self, file: Path, by: str = "") -> bytes:
        """The binary signature of a file."""
        with only_one(self.home.parent):
            try:
                return self._gpg(*self._sign(by), "--detach-sign", "--output", "-", str(file))
            finally:
                self._end_agent()

    def make(self) -> None:
        """Generate both."""
        self.home.mkdir(mode=0o700)
        try:
            for name in (self.signs, OTHER):
                what = (_identity(name), "rsa3072", "sign", "never")
                self._gpg("--passphrase", "", "--quick-generate-key", *what)
        finally:
            self._end_agent()

    def _sign(self, by: str) -> tuple[str, ...]:
        return ("--digest-algo", "SHA512", "--local-user", f"={_identity(by or self.signs)}")

    def _fingerprint(self, name: str) -> str:
        told = self._gpg("--with-colons", "--list-keys", f"={_identity(name)}").decode()
        return next(line.split(":")[9] for line in told.splitlines() if line.startswith("fpr:"))

    def _gpg(self, *arguments: str, stdin: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", *arguments]
        try:
            told = subprocess.run(command, input=stdin, capture_output=True, check=False)
        except FileNotFoundError:
            raise LabError("no gpg to sign with. Next: sudo apt-get install gnupg") from None
        if told.returncode:
            raise LabError(f"gpg in {self.home}: {told.stderr.decode().strip()}")
        return told.stdout

    def _end_agent(self) -> None:
        """gpg leaves an agent behind for each folder; a lab leaves nothing behind."""
        command = ["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"]
        subprocess.run(command, capture_output=True, check=False)


def _identity(name: str) -> str:
    return f"{name} <lab@regraft.invalid>"


def keys(folder: Path, of: str = "AMD") -> Keys:
    """The keys that lie in a folder, made if they are not there. + of: for whom they stand in"""
    home = folder / "gnupg"
    if len(str(home)) > 80:  # the agent's sockets are in it; the kernel's limit is 108
        raise LabError(f"{home} is too long for a socket. Next: REGRAFT_CACHE=/tmp/regraft")
    with only_one(folder):
        if not home.exists():
            new = Keys(folder / "new", of)
            shutil.rmtree(new.home, ignore_errors=True)
            new.make()
            os.rename(new.home, home)
    return Keys(home, of)
