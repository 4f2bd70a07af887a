"""What a person may say about serving models."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from roles.settings import SettingError, setting
from roles.vllm import model
from roles.vllm.model import Model
from roles.vllm.offer import names, offer
from roles.vllm.reference import DIGEST

ACCEPTABLE = ("combination", "iommu", "memory", "types")


@dataclass(frozen=True)
class Settings:
    """Settings of the room vllm."""

    vllm_image: str = setting(
        names()[0],
        "The image that vLLM is in: a name in roles/vllm/images.toml "
        f"({', '.join(f'`{name}`' for name in names())}), or any reference, like "
        "`docker.io/owner/name:tag`.",
    )
    vllm_image_digest: str = setting(
        "", "What the reference has to lead to, as sha256:…; empty: found at first use."
    )
    vllm_registries: list[str] = setting(
        [],
        "Addresses of registries that have the image, asked in this order; "
        "empty: the upstream container-registry.",
    )
    vllm_models: list[dict[str, object]] = setting(
        [], "The models that are served, a table each: docs/vllm.md. Empty: none."
    )
    vllm_listen: str = setting(
        "127.0.0.1",
        "The address that they are reached at. Elsewhere than on the box itself the key protects "
        "only what is below /v1.",
    )
    vllm_key_file: str = setting(
        "/etc/regraft/vllm.key",
        "The file on the box with the key that clients have to know; made if it is not there, "
        "readable by root alone.",
    )
    vllm_start_minutes: int = setting(
        30, "How long models may take from their start to their first answer.", least=1
    )
    vllm_accept: dict[str, str] = setting(
        {},
        "Stops before a model is served that you take upon yourself: the code, and your reason.",
        choices=ACCEPTABLE,
    )

    def __post_init__(self) -> None:
        model.read(self.vllm_models)
        offer(self.vllm_image)
        if self.vllm_image_digest and not DIGEST.fullmatch(self.vllm_image_digest):
            raise SettingError(
                f"vllm_image_digest = {self.vllm_image_digest!r} is not sha256: and 64 of 0-9 a-f"
            )
        for address in self.vllm_registries:
            if not address.startswith(("http://", "https://")):
                raise SettingError(f"vllm_registries: {address!r} is no http(s) address")
            if "@" in address:  # which is not repeated: a password may be in it
                raise SettingError("vllm_registries: an address has an @ in it, as of an account")
        try:
            ipaddress.ip_address(self.vllm_listen)
        except ValueError as problem:
            raise SettingError(
                f"vllm_listen = {self.vllm_listen!r} is no address. Next: write it like 127.0.0.1"
            ) from problem
        path = PurePosixPath(self.vllm_key_file)
        # as it stands in a unit: colons, spaces, % and quotes mean something there
        plain = re.fullmatch(r"(/[A-Za-z0-9_.+-]+)+", self.vllm_key_file)
        if not plain or ".." in path.parts:
            raise SettingError(
                f"vllm_key_file = {self.vllm_key_file!r} is no plain path from the root to a file. "
                "Next: write it like '/etc/regraft/vllm.key' in the inventory"
            )

    @property
    def models(self) -> tuple[Model, ...]:
        """Those that are to be served."""
        return model.read(self.vllm_models)
