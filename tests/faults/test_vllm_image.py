"""A container image on its way to the controller, from registries that are as they are."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from roles.settings import SettingError
from roles.upstream import fetch as fetching
from roles.upstream.lock import Lock, LockMismatch
from roles.vllm import obtain as room
from roles.vllm import registry as protocol
from roles.vllm.image import CONFIGS, INDEXES, LAYERS, MANIFESTS, ImageRefused, digest
from roles.vllm.obtain import Obtained, obtain
from roles.vllm.order import Known, Order, known
from roles.vllm.reference import Reference, parse
from roles.work import NotDone, Task, work
from tests.lab.mirror import Answer, HtmlPage, Mirror, Missing, Refused, Request, Truncated
from tests.lab.mirror import WrongBytes as Wrong

NAME = "nalanzeyu/vllm-gfx906"
TAG = "v0.12.0-rocm6.3"
REFERENCE = f"{NAME}:{TAG}"
OCI, DOCKER = 0, 1
LAYER = random.Random(906).randbytes(300_000)
CONFIG = {"os": "linux", "architecture": "amd64"}


class Hub:
    """A registry, as small as one can be: what it has, and to whom it gives it.

    + wants_token: a 401 sends its clients to /token, as Docker Hub's does
    + lasts: requests that a token is good for
    """

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.manifests: dict[str, tuple[bytes, str]] = {}
        self.blobs: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.wants_token = False
        self.lasts = 1000
        self.given: list[int] = []
        self.asked_for: list[str] = []
        self.seen: list[tuple[str, str]] = []
        mirror.serve("v2", self._answer)
        mirror.serve("token", self._token)

    @property
    def url(self) -> str:
        return self.mirror.url

    def blob(self, content: bytes, kind: str) -> dict[str, Any]:
        self.blobs[digest(content)] = content
        return {"mediaType": kind, "digest": digest(content), "size": len(content)}

    def manifest(self, told: dict[str, Any], kind: str) -> dict[str, Any]:
        content = json.dumps({"schemaVersion": 2, "mediaType": kind, **told}).encode()
        self.manifests[digest(content)] = content, kind
        return {"mediaType": kind, "digest": digest(content), "size": len(content)}

    def image(
        self, *layers: bytes, kind: str = LAYERS[2], flavour: int = DOCKER, **changed: Any
    ) -> dict[str, Any]:
        """Put an image in; gives what an index would say of it."""
        rootfs = {"type": "layers", "diff_ids": [digest(one) for one in layers]}
        config = json.dumps({**CONFIG, "rootfs": rootfs, **changed}).encode()
        told = {
            "config": self.blob(config, CONFIGS[flavour]),
            "layers": [self.blob(one, kind) for one in layers],
        }
        return self.manifest(told, MANIFESTS[flavour])

    def index(self, **machines: dict[str, Any]) -> dict[str, Any]:
        """An index of these, by architecture."""
        rows = [
            {**row, "platform": {"os": "linux", "architecture": name}}
            for name, row in machines.items()
        ]
        attestation = self.manifest({"config": {}}, MANIFESTS[OCI])
        attestation["platform"] = {"os": "unknown", "architecture": "unknown"}
        return self.manifest({"manifests": [attestation, *rows]}, INDEXES[OCI])

    def tag(self, row: dict[str, Any], tag: str = TAG) -> str:
        self.tags[tag] = row["digest"]
        return str(row["digest"])

    def _token(self, request: Request) -> Answer:
        self.asked_for.append(request.query)
        self.given.append(self.lasts)
        return Answer.of(json.dumps({"token": f"secret-{len(self.given) - 1}"}).encode())

    def _answer(self, request: Request) -> Answer:
        said = request.headers.get("authorization", "")
        self.seen.append((request.path, said))
        if self.wants_token and not self._is_good(said):
            told = f'Bearer realm="{self.url}/token",service="hub",scope="repository:{NAME}:pull"'
            answer = Answer.note(401, json.dumps({"errors": [{"code": "UNAUTHORIZED"}]}))
            return replace(answer, headers={"www-authenticate": told})
        *name, what, wanted = request.rest.split("/")
        wanted = self.tags.get(wanted, wanted)
        if "/".join(name) != NAME:
            return Answer.note(404, "no such repository")
        if what == "blobs" and wanted in self.blobs:
            return Answer.of(self.blobs[wanted])
        if what == "manifests" and wanted in self.manifests:
            content, kind = self.manifests[wanted]
            assert kind in request.headers["accept"]
            answer = Answer.of(content, kind)
            return replace(answer, headers={**answer.headers, "docker-content-digest": wanted})
        return Answer.note(404, json.dumps({"errors": [{"code": "UNKNOWN"}]}))

    def _is_good(self, said: str) -> bool:
        number = said.removeprefix("Bearer secret-")
        if not number.isdigit() or self.given[int(number)] < 1:
            return False
        self.given[int(number)] -= 1
        return True


@dataclass
class Person:
    """Who wants the image, from these hubs in this order."""

    hubs: list[Hub]
    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def hub(self) -> Hub:
        return self.hubs[0]

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(one.method, one.path) for hub in self.hubs for one in hub.mirror.requests]

    @property
    def lock(self) -> Lock:
        return Lock(self.folder / "regraft.lock.toml")

    def order(self, reference: str = REFERENCE, pinned: str = "") -> Order:
        bases = tuple(hub.url for hub in self.hubs)
        cache = str(self.folder / "cache")
        return Order(reference, bases, pinned, str(self.lock.path), cache)

    def obtain(self, reference: str = REFERENCE, pinned: str = "") -> Obtained:
        return obtain(self.order(reference, pinned), self.said.append)

    def path(self, wanted: str) -> Path:
        name = wanted.removeprefix("sha256:")
        return self.folder / "cache" / "images" / name[:16] / name


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(protocol, "PAUSE_SECONDS", 0)
    with Mirror() as one, Mirror() as other:
        yield Person([Hub(one), Hub(other)], tmp_path)


def both(person: Person) -> str:
    """The same image in both registries, of two layers; the digest of its index."""
    for hub in person.hubs:
        wanted = hub.image(LAYER, gzip.compress(b"x" * 5000, mtime=0))
        found = hub.tag(hub.index(arm64=hub.image(b"arm", architecture="arm64"), amd64=wanted))
    return found


def whole(found: Obtained) -> None:
    """Every file is there, by the name and the size that is said, and manifest.json leads to it."""
    for one in found.files:
        content = Path(one["path"]).read_bytes()
        assert (digest(content), len(content)) == (f"sha256:{one['name']}", one["size"])
    (told,) = json.loads(found.manifest)
    assert f"sha256:{told['Config']}" == found.id
    assert {told["Config"], *told["Layers"]} == {one["name"] for one in found.files}
    assert found.size == sum(one["size"] for one in found.files)


def matching(said: list[str], pattern: str) -> list[str]:
    return [one for one in said if re.search(pattern, one)]


def blobs(person: Person) -> list[str]:
    """Digests of the blobs that were asked for, whole or in part."""
    return [path.rpartition("/")[2] for what, path in person.asked if "/blobs/" in path]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (REFERENCE, Reference("docker.io", NAME, TAG, "")),
        ("debian", Reference("docker.io", "library/debian", "latest", "")),
        ("docker.io/debian:12", Reference("docker.io", "library/debian", "12", "")),
        ("index.docker.io/a/b", Reference("docker.io", "a/b", "latest", "")),
        ("localhost/a:1", Reference("localhost", "a", "1", "")),
        ("Box.LAN:5000/a/b_c--d:V1", Reference("box.lan:5000", "a/b_c--d", "V1", "")),
        ("[::1]:5000/a", Reference("[::1]:5000", "a", "latest", "")),
        (f"a/b@sha256:{'0' * 64}", Reference("docker.io", "a/b", "", f"sha256:{'0' * 64}")),
        (f"a/b:1@sha256:{'0' * 64}", Reference("docker.io", "a/b", "1", f"sha256:{'0' * 64}")),
    ],
)
def test_a_reference_is_read_as_engines_read_it(text: str, found: Reference) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no repository"),
        ("https://docker.io/a/b", "begins like an address"),
        ("Nalanzeyu/vllm", "small letters"),
        ("a/b:", "no tag"),
        ("a/b:1:2", "no repository"),
        ("a/b:.hidden", "no tag"),
        (f"a/b:{'x' * 129}", "no tag"),
        ("a/../b", "no repository"),
        ("a b", "no repository"),
        ("host:port/a", "no registry"),
        ("-host.example/a", "no registry"),
        ("a/b@sha256:12", "after @"),
        ("a/b@", "after @"),
        (f"sha256:{'0' * 64}", "of which repository"),
        (f"a/{'b' * 255}", "no repository"),
        ("a/b\n", "no repository"),
    ],
)
def test_what_is_no_reference_is_refused_with_the_reason_and_an_example(
    text: str, why: str
) -> None:
    with pytest.raises(SettingError, match=rf"(?s){why}.*Next: write it like 'nalanzeyu/"):
        parse(text)


def test_the_first_use_records_what_it_has_found(person: Person) -> None:
    tagged = both(person)
    assert known(person.order()) is None
    found = person.obtain()
    whole(found)
    assert (found.digest, found.registry) == (tagged, person.hub.url)
    assert person.lock.known(f"image/{REFERENCE}") == {
        "digest": tagged,
        "id": found.id,
        "size": found.size,
    }
    assert known(person.order()) == Known(tagged, found.id, found.size)
    (told,) = json.loads(found.manifest)
    assert told["RepoTags"] == [f"docker.io/{REFERENCE}"]
    assert person.said[:3] == [
        f"{REFERENCE}: 2 layers, 0.3 MB in all, 0.3 MB of them to fetch",
        "layer 1 of 2: 0.3 MB",
        f"layer 2 of 2: {found.files[2]['size']} bytes",
    ]
    assert person.hubs[1].mirror.requests == []


def test_the_second_time_nothing_is_asked_for_and_nobody_needs_to_be_there(person: Person) -> None:
    both(person)
    first = person.obtain()
    before, person.said = len(person.asked), []
    assert person.obtain() == replace(first, registry="")
    assert obtain(replace(person.order(), registries=()), print) == replace(first, registry="")
    assert (len(person.asked), person.said) == (before, [])


def test_only_what_is_missing_is_asked_for(person: Person) -> None:
    both(person)
    first = person.obtain()
    lost, damaged = first.files[1], first.files[2]
    Path(lost["path"]).unlink()
    Path(damaged["path"]).write_bytes(b"x" * damaged["size"])
    before = len(person.asked)
    assert person.obtain() == first
    whole(first)
    since = person.asked[before:]
    assert {path.rpartition(":")[2] for _, path in since} == {lost["name"], damaged["name"]}


def test_another_machine_with_the_lock_gets_the_same_though_the_tag_has_moved(
    person: Person, tmp_path: Path
) -> None:
    both(person)
    first = person.obtain()
    person.hub.tag(person.hub.image(b"newer"))
    before = len(person.asked)
    found = obtain(replace(person.order(), cache=str(tmp_path / "another")), print)
    whole(found)
    assert (found.digest, found.id) == (first.digest, first.id)
    assert not [path for _, path in person.asked[before:] if TAG in path]


def test_a_digest_that_is_gone_is_told_with_what_the_tag_is_now(person: Person) -> None:
    old = both(person)
    person.obtain()
    person.path(old).unlink()
    for hub in person.hubs:
        new = hub.tag(hub.image(b"newer"))
        del hub.manifests[old]
    with pytest.raises(ImageRefused) as refused:
        person.obtain()
    said = str(refused.value)
    for hub in person.hubs:
        assert f"{hub.url} has no {old} any more: the tag {TAG} is now {new}, the lock" in said
    assert said.count("Next: ") == 1
    assert said.endswith(
        "Next: if the change is wanted, delete the table "
        f'["image/{REFERENCE}"] in {person.lock.path}'
    )
    assert (person.lock.known(f"image/{REFERENCE}") or {})["digest"] == old


def test_a_digest_of_the_inventorys_is_what_is_asked_for(person: Person) -> None:
    both(person)
    older = person.hub.image(b"older")["digest"]
    assert person.obtain(pinned=older).digest == older
    assert known(person.order(pinned=older))
    newer = both(person)
    with pytest.raises(LockMismatch, match=rf"{older}.*{newer}.*Next: .*delete the table"):
        person.obtain(pinned=newer)
    with pytest.raises(LockMismatch):
        known(person.order(pinned=newer))


def test_a_reference_by_digest_needs_no_tag(person: Person) -> None:
    tagged = both(person)
    found = person.obtain(f"{NAME}@{tagged}")
    whole(found)
    assert json.loads(found.manifest)[0]["RepoTags"] == []
    with pytest.raises(SettingError, match="take one of them out"):
        person.obtain(f"{NAME}@{tagged}", pinned=digest(b"another"))


def test_cut_off_a_layer_goes_on_where_it_was(person: Person) -> None:
    both(person)
    person.hub.mirror.misbehave(f"v2/*/blobs/{digest(LAYER)}", Truncated(200_000), times=1)
    whole(person.obtain())
    assert [one.status for one in person.hub.mirror.requests].count(206) == 1
    assert len(matching(person.said, r"^layer 1 of 2: .*; trying again from 0\.2 MB")) == 1
    sent = sum(one.sent for one in person.hub.mirror.requests)
    assert sent < len(LAYER) + 10_000 + 3 * fetching.CHUNK


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (Refused(), "HTTP 503 Service Unavailable, 3 times in a row"),
        (Missing(), f"has no {TAG} of it"),
        (HtmlPage(), "what came is no manifest: it begins with '<!DOCTYPE html>"),
        (Wrong(3), r"gave bytes of the digest sha256:\w{64}, expected was sha256:\w{64}"),
        (Truncated(100), r"IncompleteRead\(100 bytes read.*, 3 times in a row"),
    ],
)
def test_a_registry_that_is_away_lies_or_lacks_it_is_named_and_the_next_one_asked(
    person: Person, spoilt: Any, why: str
) -> None:
    tagged = both(person)
    person.hub.mirror.misbehave("v2/*/manifests/*", spoilt)
    found = person.obtain()
    whole(found)
    assert (found.digest, found.registry) == (tagged, person.hubs[1].url)
    assert len(matching(person.said, f"^{person.hub.url}.*{why}")) == 1


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (Refused(), "cannot be fetched: HTTP 503 Service Unavailable, 5 times in a row"),
        (Missing(), "answers HTTP 404"),
        (Wrong(250_000), r"gave a file with sha256 \w{64}, expected was"),
    ],
)
def test_a_layer_that_one_registry_cannot_give_is_had_from_the_next(
    person: Person, spoilt: Any, why: str
) -> None:
    both(person)
    layer = digest(LAYER)
    person.hub.mirror.misbehave(f"v2/*/blobs/{layer}", spoilt)
    found = person.obtain()
    whole(found)
    assert found.registry == person.hubs[1].url
    assert len(matching(person.said, f"^{person.hub.url}.*{layer} {why}")) == 1
    small = found.files[2]["name"]  # what comes after it is asked of the one that works
    assert not [one for one in person.hub.mirror.requests if small in one.path]


def test_where_none_has_it_each_is_named_with_its_reason(person: Person) -> None:
    both(person)
    person.hub.mirror.misbehave("v2/*", Refused())
    person.hubs[1].mirror.misbehave("v2/*/manifests/*", Missing())
    with pytest.raises(ImageRefused) as refused:
        person.obtain()
    said = str(refused.value)
    assert said.startswith(f"{REFERENCE} cannot be had: {person.hub.url}/v2/{NAME}/manifests/{TAG}")
    assert "HTTP 503 Service Unavailable, 3 times in a row; " in said
    assert f"; {person.hubs[1].url} has no {TAG} of it. Next: " in said
    assert said.endswith("or name mirrors: vllm_registries in the inventory")
    assert person.lock.known(f"image/{REFERENCE}") is None


def test_nobody_at_the_address_is_told_without_layers(person: Person) -> None:
    order = replace(person.order(), registries=("http://127.0.0.1:9/",))
    with pytest.raises(ImageRefused, match=r"vllm-gfx906/manifests/\S+: \[Errno 111\] Connection"):
        obtain(order, person.said.append)


@pytest.mark.parametrize("base", ["ftp://a", "registry.example", "https://me:hush@a.example"])
def test_an_address_that_is_none_or_has_an_account_in_it_is_refused_without_it(
    person: Person, base: str
) -> None:
    order = replace(person.order(), registries=(person.hub.url, base))
    with pytest.raises(SettingError) as refused:
        obtain(order, print)
    assert "hush" not in str(refused.value)
    assert person.asked == []


def test_a_registry_that_wants_a_token_gets_the_one_that_anybody_gets(person: Person) -> None:
    both(person)
    person.hub.wants_token = True
    found = person.obtain()
    whole(found)
    assert found.registry == person.hub.url
    scope = f"repository%3A{NAME.replace('/', '%2F')}%3Apull"
    assert len(person.hub.asked_for) == 1
    assert set(person.hub.asked_for[0].split("&")) == {"service=hub", f"scope={scope}"}
    assert "secret" not in "".join(person.said) + person.lock.path.read_text()


def test_a_token_that_ends_in_the_middle_is_followed_by_another(person: Person) -> None:
    """Docker Hub's are good for five minutes; a layer of some GB takes longer."""
    both(person)
    person.hub.wants_token = True
    person.hub.lasts = 3
    person.hub.mirror.misbehave(f"v2/*/blobs/{digest(LAYER)}", Truncated(100_000), times=3)
    found = person.obtain()
    whole(found)
    assert found.registry == person.hub.url
    assert len(person.hub.given) > 2
    assert [one.status for one in person.hub.mirror.requests].count(206) >= 1


def test_with_the_lock_and_without_a_layer_a_token_is_had_for_it(person: Person) -> None:
    both(person)
    person.obtain()
    person.hub.wants_token = True
    person.path(digest(LAYER)).unlink()
    whole(person.obtain())
    assert len(person.hub.given) == 1


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (Answer.note(403, '{"errors": [{"message": "denied"}]}'), "HTTP 403 Forbidden: denied: "),
        (Answer.note(200, "{}"), "HTTP 200 OK"),
        (Answer.note(200, '{"token": "a\\r\\nb"}'), "HTTP 200 OK"),
        (Answer.note(503, ""), r"/token is away \(HTTP 503 Service Unavailable\), 3 times"),
    ],
)
def test_without_a_token_the_next_one_is_asked(person: Person, token: Answer, why: str) -> None:
    both(person)
    person.hub.wants_token = True
    said = token.body.read()
    person.hub.mirror.serve("token", lambda _: replace(Answer.of(said), status=token.status))
    assert person.obtain().registry == person.hubs[1].url
    assert len(matching(person.said, f"^{person.hub.url}.*{why}")) == 1


def test_one_that_never_takes_its_own_tokens_is_left_after_some(person: Person) -> None:
    both(person)
    person.hub.wants_token, person.hub.lasts = True, 0
    assert person.obtain().registry == person.hubs[1].url
    assert len(person.hub.given) == 1
    (said,) = matching(person.said, f"^{person.hub.url}")
    assert "HTTP 401 Unauthorized: UNAUTHORIZED: registries answer so for what is not there" in said


def test_one_that_wants_an_account_is_left(person: Person) -> None:
    both(person)

    def basic(request: Request) -> Answer:
        return replace(Answer.note(401, ""), headers={"www-authenticate": 'Basic realm="x"'})

    person.hub.mirror.serve("v2", basic)
    assert person.obtain().registry == person.hubs[1].url
    assert len(matching(person.said, "wants an account")) == 1


def test_a_token_does_not_go_along_to_where_the_files_lie(person: Person) -> None:
    """Docker Hub sends its clients on to a host of another company's."""
    both(person)
    hub, store = person.hubs
    hub.wants_token = True
    ours = hub._answer

    def elsewhere(request: Request) -> Answer:
        answer = ours(request)
        if answer.status == 200 and ("/blobs/" in request.path or "sha256" in request.path):
            return replace(
                Answer.note(307, ""), headers={"location": f"{store.url}/{request.path}"}
            )
        return answer

    hub.mirror.serve("v2", elsewhere)
    store.mirror.misbehave(f"v2/*/blobs/{digest(LAYER)}", Truncated(100_000), times=1)
    found = obtain(replace(person.order(), registries=(hub.url,)), person.said.append)
    whole(found)
    assert len(store.seen) >= 4
    assert {said for _, said in store.seen} == {""}
    assert [one.status for one in store.mirror.requests].count(206) == 1


def test_an_index_without_our_machine_says_what_it_has(person: Person) -> None:
    for hub in person.hubs:
        hub.tag(hub.index(arm64=hub.image(b"arm", architecture="arm64")))
    with pytest.raises(ImageRefused, match="it is for linux/arm64, unknown/unknown, not linux/amd"):
        person.obtain()
    assert blobs(person) == []


def test_one_image_of_another_machine_is_known_by_its_config(person: Person) -> None:
    person.hub.tag(person.hub.image(b"arm", architecture="arm64"))
    with pytest.raises(ImageRefused, match="it is for linux/arm64, not linux/amd64"):
        person.obtain()
    assert digest(b"arm") not in blobs(person)


def test_of_two_for_our_machine_the_one_for_every_processor_is_taken(person: Person) -> None:
    hub = person.hub
    plain, newer = hub.image(b"every"), hub.image(b"newer")
    platform = {"os": "linux", "architecture": "amd64"}
    rows = [{**newer, "platform": {**platform, "variant": "v3"}}, {**plain, "platform": platform}]
    hub.tag(hub.manifest({"manifests": rows}, INDEXES[DOCKER]))
    person.obtain()
    assert digest(b"every") in blobs(person)
    assert digest(b"newer") not in blobs(person)


def test_an_oci_image_with_a_layer_twice_has_it_once_among_its_files(person: Person) -> None:
    row = person.hub.image(b"one", b"two", b"one", kind=LAYERS[1], flavour=OCI)
    person.hub.tag(row)
    found = person.obtain()
    whole(found)
    assert len(found.files) == 3
    layers = json.loads(found.manifest)[0]["Layers"]
    assert layers == [hashlib.sha256(one).hexdigest() for one in (b"one", b"two", b"one")]


def test_layers_packed_with_zstd_are_taken_and_that_is_said(person: Person) -> None:
    """Engines unpack what they find; Docker knows zstd since 23.0."""
    kind = "application/vnd.oci.image.layer.v1.tar+zstd"
    person.hub.tag(person.hub.image(b"packed", kind=kind, flavour=OCI))
    whole(person.obtain())
    assert len(matching(person.said, r"packed with zstd, which Docker takes since 23\.0")) == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"manifests": [], "layers": []}, "an index and a manifest at once"),
        ({"schemaVersion": 1, "fsLayers": []}, "2015's kind"),
        ({"config": {"mediaType": "x", "digest": digest(b""), "size": 0}}, "no container image"),
        ({"config": {"mediaType": "x", "digest": "sha256:../../x", "size": 0}}, "for a digest"),
        ({"config": {"mediaType": "x", "digest": digest(b""), "size": -1}}, "for the size"),
        ({"config": "x"}, "for a digest"),
        ({"manifests": "x"}, "it is for no machine"),
        ([], "no manifest"),
    ],
)
def test_a_manifest_that_is_none_we_can_use_is_refused(person: Person, told: Any, why: str) -> None:
    content = json.dumps(told).encode()
    person.hub.manifests[digest(content)] = content, MANIFESTS[OCI]
    person.hub.tags[TAG] = digest(content)
    with pytest.raises(ImageRefused, match=rf"{why}.*Next: "):
        person.obtain()


def test_a_layer_of_a_kind_that_registries_do_not_have_is_refused(person: Person) -> None:
    kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    person.hub.tag(person.hub.image(b"windows", kind=kind))
    with pytest.raises(ImageRefused, match=rf"its layer sha256:\w+ is a '{kind}'"):
        person.obtain()


def test_a_config_with_other_layers_is_refused_before_they_are_fetched(person: Person) -> None:
    person.hub.tag(person.hub.image(b"one", rootfs={"diff_ids": ["a", "b"]}))
    with pytest.raises(ImageRefused, match="it has 1 layers, and 2 by its config"):
        person.obtain()
    assert digest(b"one") not in blobs(person)


def test_a_manifest_without_end_is_not_read_to_it(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MOST_MANIFEST", 100)
    both(person)
    with pytest.raises(ImageRefused, match="gives more than 100 bytes"):
        person.obtain()


def test_a_disk_without_room_is_told_before_a_layer_is_asked_for(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SPARE_BYTES", 1 << 60)
    both(person)
    with pytest.raises(
        ImageRefused, match=r"0\.3 MB are to come, and \d+\.\d MB are free in .*Nex"
    ):
        person.obtain()
    assert digest(LAYER) not in blobs(person)


def test_a_run_does_it_in_a_process_of_its_own(person: Person) -> None:
    both(person)
    told = {"order": asdict(person.order())}
    found = Obtained(**work(Task("roles.vllm.obtain", told), person.said.append))
    whole(found)
    assert person.said[0].startswith(f"{REFERENCE}: 2 layers, ")
    other = {"order": asdict(person.order(f"{NAME}/other:1"))}
    with pytest.raises(NotDone, match=rf"other:1 cannot be had: {person.hub.url}.*Next: check the"):
        work(Task("roles.vllm.obtain", other), print)
