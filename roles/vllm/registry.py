"""A container registry, as one that anyone may read from is asked: manifests, tokens, blobs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

from roles.settings import SettingError
from roles.upstream.fetch import CONNECT_SECONDS, STALL_SECONDS, fetch, short
from roles.vllm.image import INDEXES, MANIFESTS, Blob, ImageRefused, digest
from roles.vllm.reference import DIGEST

Say = Callable[[str], None]

MOST_MANIFEST = 4 << 20  # bytes: registries take no larger ones
MOST_ANSWER = 1 << 20  # of a token, or of what is wrong
TIMES = 3
PAUSE_SECONDS = 1.0  # after the first attempt, then twice that
ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s",]+))')
TOKEN = re.compile(r"[\x21-\x7e]+")
MIRROR = "check the network, or name mirrors: vllm_registries in the inventory"


class Registry:
    """
    One repository in one registry.

    + base: the registry's address, what /v2/ is appended to
    + path: of the repository
    """

    def __init__(self, base: str, path: str) -> None:
        self.base = base.rstrip("/")
        if not self.base.startswith(("https://", "http://")):
            raise SettingError(f"{base!r} is no http(s) address of a registry")
        if "@" in self.base:  # which is not repeated: a password may be in it
            raise SettingError("a registry's address has an @ in it. Next: take the account out")
        self._path = path
        self._token = ""

    def manifest(self, wanted: str) -> bytes | None:
        """A manifest or an index as it is, by tag or digest; None: it has none such."""
        address = f"{self.base}/v2/{self._path}/manifests/{wanted}"
        why = ""
        for attempt in range(TIMES):
            if attempt:
                time.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                return self._manifest(address, wanted)
            except (requests.ConnectionError, requests.Timeout, HTTPError) as problem:
                why = short(problem)
            except requests.RequestException as problem:
                raise ImageRefused(f"{address}: {short(problem)}. Next: {MIRROR}") from problem
        raise ImageRefused(f"{address}: {why}, {TIMES} times in a row. Next: {MIRROR}")

    def blob(self, blob: Blob, into: Path, say: Say) -> None:
        """Have a file of the image under this path, whole and as its digest says."""
        address = f"{self.base}/v2/{self._path}/blobs/{blob.digest}"
        fetch(
            address,
            into,
            sha256=blob.name,
            most=blob.size,
            say=say,
            headers=lambda: self._admission(address),
        )

    def _manifest(self, address: str, wanted: str) -> bytes | None:
        accept = {"Accept": ACCEPT}
        answer, content = _ask(address, MOST_MANIFEST, accept | self._authorization())
        if answer.status_code == 401:
            self._take_token(answer)
            answer, content = _ask(address, MOST_MANIFEST, accept | self._authorization())
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise ImageRefused(f"{address} answers {_told(answer, content)}. Next: {MIRROR}")
        found = digest(content)
        promised = answer.headers.get("Docker-Content-Digest", "")
        for expected in (wanted, promised):
            if DIGEST.fullmatch(expected) and found != expected:
                raise ImageRefused(
                    f"{address} gave bytes of the digest {found}, expected was {expected}. "
                    f"Next: do not go on before you know why; {MIRROR}"
                )
        return content

    def _admission(self, address: str) -> dict[str, str]:
        """What to send to get at a file: a token of a minute ago may be of no use any more."""
        with requests.head(
            address,
            headers=self._authorization(),
            timeout=(CONNECT_SECONDS, STALL_SECONDS),
            allow_redirects=False,  # where the file lies is for the one who fetches it
        ) as answer:
            if answer.status_code == 401:
                self._take_token(answer)
        return self._authorization()

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _take_token(self, refusal: requests.Response) -> None:
        """Have the token that a 401 asks for, of those that anyone gets."""
        challenge = _challenge(refusal.headers.get("WWW-Authenticate", ""))
        realm = challenge.pop("realm", "")
        if not realm.startswith(("https://", "http://")):
            raise ImageRefused(
                f"{self.base} wants an account (HTTP 401), which regraft does not use. "
                f"Next: {MIRROR}"
            )
        query = {"scope": f"repository:{self._path}:pull"}
        query |= {name: challenge[name] for name in ("service", "scope") if name in challenge}
        try:
            answer, content = _ask(realm, MOST_ANSWER, query=query)
        except (requests.RequestException, HTTPError) as problem:
            raise requests.ConnectionError(f"{realm} is away ({short(problem)})") from problem
        try:
            told = json.loads(content)
            token = told.get("token") or told.get("access_token")
        except (ValueError, AttributeError):
            token = None
        if answer.status_code != 200 or not TOKEN.fullmatch(str(token or "")):
            raise ImageRefused(
                f"{realm} gives no token for {self._path}: {_told(answer, content)}. Next: {MIRROR}"
            )
        self._token = str(token)


def _ask(
    address: str,
    most: int,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> tuple[requests.Response, bytes]:
    """An answer, and its content. + most: bytes that it may have"""
    with requests.get(
        address,
        query,
        headers={"Accept-Encoding": "identity", **(headers or {})},
        timeout=(CONNECT_SECONDS, STALL_SECONDS),
        stream=True,
    ) as answer:
        if answer.status_code >= 500 or answer.status_code == 408:
            raise requests.ConnectionError(f"HTTP {answer.status_code} {answer.reason}")
        content = answer.raw.read(most + 1, decode_content=True) or b""
        if len(content) > most:
            raise ImageRefused(f"{address} gives more than {most} bytes. Next: {MIRROR}")
        return answer, content


def _challenge(said: str) -> dict[str, str]:
    """What a 401 says of its Bearer tokens; empty: it has none."""
    _, bearer, rest = re.sub(r"(?i)\bbearer\s", "Bearer ", said).partition("Bearer ")
    found: dict[str, str] = {}
    for name, quoted, plain in PARAMETER.findall(rest):
        found.setdefault(name.lower(), quoted or plain)  # after these may come another scheme's
    return found if bearer else {}


def _told(answer: requests.Response, content: bytes) -> str:
    """What was answered, with the registry's own word for it."""
    try:
        said = json.loads(content)["errors"][0]
        word = ascii(said.get("message") or said.get("code"))[1:201]
    except (ValueError, LookupError, TypeError, AttributeError):
        word = ""
    status = f"HTTP {answer.status_code} {answer.reason}".strip()
    hint = ""
    if answer.status_code in (401, 403):
        hint = "registries answer so for what is not there, and for what is not for everyone"
    elif answer.status_code == 429:
        hint = "more was asked for than it gives to one address within some hours"
    return ": ".join(part for part in (status, word.rstrip("'\""), hint) if part)
