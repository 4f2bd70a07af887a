"""What is in an image: its manifest as registries have it, and as engines load it. Pure.

A manifest names the image's config and its layers by their digests; an index names a manifest for
each kind of machine. The layers go to a box as they are: packed with gzip every engine takes them,
packed with zstd Docker does since 23.0, and podman.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from roles.vllm.reference import DIGEST, Reference

MACHINE = ("linux", "amd64")
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
CONFIGS = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
ZSTD = (
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
)
LAYERS = (
    *("application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip"),
    *("application/vnd.docker.image.rootfs.diff.tar.gzip",),
    *("application/vnd.docker.image.rootfs.diff.tar", *ZSTD),
)
OTHER = "name another: vllm_image in the inventory"


class ImageRefused(Exception):  # noqa: N818 - reads as what it says
    """The image cannot be had, or cannot be meant: cause, evidence, next step."""


@dataclass(frozen=True)
class Blob:
    """One file of an image. + digest: sha256: and what it has to be + size: bytes + kind: of it"""

    digest: str
    size: int
    kind: str

    @property
    def name(self) -> str:
        """Of the file that it is kept as."""
        return self.digest.removeprefix("sha256:")


@dataclass(frozen=True)
class Image:
    """+ config: what its id is the digest of + layers: from the lowest; one may be there twice"""

    config: Blob
    layers: tuple[Blob, ...]

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """Each once."""
        return tuple({one.digest: one for one in (self.config, *self.layers)}.values())

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(one.size for one in self.blobs)


def digest(content: bytes) -> str:
    """What a registry calls it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read(document: bytes) -> Image | Blob:
    """The image that a manifest describes; of an index, its manifest for our machines."""
    told = _json(document)
    if "manifests" in told and "layers" in told:  # each engine would read another of the two
        raise ImageRefused(f"it is an index and a manifest at once. Next: {OTHER}")
    if "manifests" in told:
        return _for_machine(told["manifests"])
    if told.get("schemaVersion") == 1:
        raise ImageRefused(f"it has a manifest of 2015's kind, without an id. Next: {OTHER}")
    config = _blob(told.get("config"))
    if config.kind not in CONFIGS:
        raise ImageRefused(f"it is no container image but {config.kind!r}. Next: {OTHER}")
    layers = tuple(map(_blob, _list(told.get("layers"))))
    for one in layers:
        if one.kind not in LAYERS:
            raise ImageRefused(f"its layer {one.digest} is a {one.kind!r}. Next: {OTHER}")
    if not layers:
        raise ImageRefused(f"it has no layers. Next: {OTHER}")
    return Image(config, layers)


def check(config: bytes, image: Image) -> None:
    """ImageRefused where the config is of another machine's image, or has other layers."""
    told = _json(config)
    machine = (str(told.get("os")), str(told.get("architecture")))
    if machine != MACHINE:
        raise ImageRefused(f"it is for {_said(machine)}, not {_said(MACHINE)}. Next: {OTHER}")
    rootfs = told.get("rootfs")
    layers = _list(rootfs.get("diff_ids") if isinstance(rootfs, dict) else None)
    if len(layers) != len(image.layers):
        raise ImageRefused(
            f"it has {len(image.layers)} layers, and {len(layers)} by its config. Next: {OTHER}"
        )


def archive(image: Image, reference: Reference) -> str:
    """The manifest.json that makes a folder with its blobs what `docker load` reads from a tar."""
    told = {
        "Config": image.config.name,
        "RepoTags": [reference.tagged] if reference.tag else [],
        "Layers": [one.name for one in image.layers],
    }
    return json.dumps([told], indent=1) + "\n"


def _for_machine(offered: Any) -> Blob:
    rows = [row for row in _list(offered) if isinstance(row, dict)]
    ours = [row for row in rows if _machine(row) == MACHINE]
    if not ours:
        found = ", ".join(sorted({_said(_machine(row)) for row in rows})[:8]) or "no machine"
        raise ImageRefused(f"it is for {found}, not {_said(MACHINE)}. Next: {OTHER}")
    # one for newer processors only would say so by its variant
    plain = [row for row in ours if not row["platform"].get("variant")]
    chosen = _blob([*plain, *ours][0])
    if chosen.kind not in MANIFESTS:
        raise ImageRefused(f"its index leads to {chosen.kind!r}, no manifest. Next: {OTHER}")
    return chosen


def _machine(row: dict[str, Any]) -> tuple[str, str]:
    platform = row.get("platform")
    told = platform if isinstance(platform, dict) else {}
    return str(told.get("os")), str(told.get("architecture"))


def _blob(told: Any) -> Blob:
    row = told if isinstance(told, dict) else {}
    name, size, kind = row.get("digest"), row.get("size"), row.get("mediaType")
    # the digest becomes a file's name
    if not (isinstance(name, str) and DIGEST.fullmatch(name)):
        raise ImageRefused(f"its manifest has {name!r} for a digest. Next: {OTHER}")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ImageRefused(f"its manifest has {size!r} for the size of {name}. Next: {OTHER}")
    return Blob(name, size, str(kind))


def _json(document: bytes) -> dict[str, Any]:
    try:
        told = json.loads(document)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        begins = document[:40].decode(errors="replace")
        raise ImageRefused(f"what came is no manifest: it begins with {begins!r}. Next: {OTHER}")
    return told


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _said(machine: tuple[str, str]) -> str:
    return ascii("/".join(machine))[1:-1]
