"""A file from an upstream that misbehaves: whole in the end, or not there, and never twice."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from roles.upstream import fetch as room
from roles.upstream.fetch import Fetched, FetchRefused, fetch
from tests.lab.mirror import (
    Answer,
    Cut,
    HtmlPage,
    Mirror,
    Misbehaviour,
    Missing,
    RangeIgnored,
    RangeRefused,
    RedirectLoop,
    Refused,
    Request,
    Slow,
    Stale,
    Truncated,
    WrongBytes,
)
from tests.lab.mirror.routes import fixed

CONTENT = random.Random(906).randbytes(600_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MOST = 1_000_000


class Upstream(NamedTuple):
    mirror: Mirror
    into: Path
    said: list[str]

    def fetch(self, sha256: str = SHA256, most: int = MOST) -> Fetched:
        address = f"{self.mirror.url}/file"
        return fetch(address, self.into, sha256=sha256, most=most, say=self.said.append)

    @property
    def sent(self) -> int:
        return sum(asked.sent for asked in self.mirror.requests)


@pytest.fixture
def upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    monkeypatch.setattr(room, "PAUSE_SECONDS", 0)
    with Mirror() as mirror:
        mirror.serve("file", fixed(CONTENT))
        yield Upstream(mirror, tmp_path / "cache" / "file", [])


def whole(upstream: Upstream) -> None:
    """It is there, and nothing of the way there is left but the lock."""
    assert upstream.into.read_bytes() == CONTENT
    assert sorted(path.name for path in upstream.into.parent.iterdir()) == ["file", "file.lock"]


def absent(upstream: Upstream) -> None:
    assert not upstream.into.exists()


def test_it_comes_whole_with_its_hash_and_is_not_asked_for_again(upstream: Upstream) -> None:
    assert upstream.fetch() == Fetched(upstream.into, SHA256, len(CONTENT))
    assert upstream.fetch("") == upstream.fetch(SHA256.upper())
    whole(upstream)
    assert len(upstream.mirror.requests) == 1


def test_cut_off_it_goes_on_where_it_was(upstream: Upstream) -> None:
    upstream.mirror.misbehave("file", Truncated(400_000), times=1)
    upstream.fetch()
    whole(upstream)
    first, second = upstream.mirror.requests
    assert (first.status, second.status) == (200, 206)
    assert upstream.sent < len(CONTENT) + 3 * room.CHUNK


def test_a_connection_that_is_reset_is_no_end_of_it(upstream: Upstream) -> None:
    """What the kernel had of it then is lost: perhaps all."""
    upstream.mirror.misbehave("file", Cut(400_000), times=1)
    upstream.fetch()
    whole(upstream)


def test_cut_off_again_and_again_it_still_arrives(upstream: Upstream) -> None:
    upstream.mirror.misbehave("file", Truncated(100_000), times=8)
    upstream.fetch("")
    whole(upstream)


def stopped(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> int:
    """A run that gave up in the middle; bytes that are there of the file."""
    with monkeypatch.context() as patch:
        patch.setattr(room, "TIMES", 1)
        upstream.mirror.misbehave("file", Truncated(300_000), times=1)
        upstream.mirror.misbehave("file", Refused(), times=1)
        with pytest.raises(FetchRefused, match=r"HTTP 503.*1 times in a row\. Next: .*mirror"):
            upstream.fetch()
    absent(upstream)
    upstream.mirror.behave()
    return upstream.into.with_name("file.part").stat().st_size


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = stopped(upstream, monkeypatch)
    upstream.fetch()
    whole(upstream)
    last = upstream.mirror.requests[-1]
    assert (last.status, last.range, last.sent) == (206, f"bytes={there}-", len(CONTENT) - there)


@pytest.mark.parametrize("spoilt", [RangeIgnored(), RangeRefused()])
def test_without_ranges_it_starts_again(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, spoilt: Misbehaviour
) -> None:
    stopped(upstream, monkeypatch)
    upstream.mirror.misbehave("file", spoilt)
    upstream.fetch()
    whole(upstream)


def test_a_file_that_has_changed_meanwhile_is_fetched_from_its_start(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appended to what was there, the new one's end would have made a file that never was."""
    upstream.mirror.serve("file", fixed(CONTENT[::-1]))
    stopped(upstream, monkeypatch)
    upstream.mirror.serve("file", fixed(CONTENT))
    upstream.fetch("")
    whole(upstream)
    assert upstream.mirror.requests[-1].status == 200


def test_a_part_of_another_file_is_noticed_by_the_hash_and_costs_a_second_try(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = upstream.into.with_name("file.part")
    there = stopped(upstream, monkeypatch)
    part.write_bytes(b"x" * there)
    upstream.fetch()
    whole(upstream)
    assert any("of another file; from the start" in said for said in upstream.said)


def test_a_part_without_a_validator_is_not_gone_on_from(upstream: Upstream) -> None:
    def nameless(request: Request) -> Answer:
        answer = Answer.of(CONTENT)
        return Answer(answer.body, answer.size, headers={})

    upstream.mirror.serve("file", nameless)
    upstream.mirror.misbehave("file", Truncated(300_000), times=1)
    upstream.fetch()
    whole(upstream)
    assert [asked.range for asked in upstream.mirror.requests] == ["", ""]


def test_a_wrong_byte_is_refused_with_both_hashes_and_nothing_is_left(upstream: Upstream) -> None:
    upstream.mirror.misbehave("file", WrongBytes(500_000))
    with pytest.raises(FetchRefused, match=rf"sha256 \w{{64}}, expected was {SHA256}.*Next: "):
        upstream.fetch()
    assert [path.name for path in upstream.into.parent.iterdir()] == ["file.lock"]


def test_what_is_there_and_is_something_else_is_fetched_anew(upstream: Upstream) -> None:
    upstream.into.parent.mkdir()
    upstream.into.write_bytes(b"damaged")
    upstream.fetch()
    whole(upstream)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (Missing(), "/file answers HTTP 404"),
        (HtmlPage(), "/file answers with an HTML page"),
        (RedirectLoop(), "Exceeded 30 redirects"),
    ],
)
def test_an_answer_that_will_not_get_better_is_told_at_once_with_the_next_step(
    upstream: Upstream, spoilt: Misbehaviour, why: str
) -> None:
    upstream.mirror.misbehave("file", spoilt)
    with pytest.raises(FetchRefused, match=f"(?s){why}.*upstream_addresses"):
        upstream.fetch()
    absent(upstream)


def test_an_upstream_that_is_down_is_tried_some_times_and_named(upstream: Upstream) -> None:
    upstream.mirror.misbehave("file", Refused())
    with pytest.raises(FetchRefused, match=r"/file cannot .*HTTP 503.*, 5 times.*upstream_addre"):
        upstream.fetch()
    assert len(upstream.mirror.requests) == room.TIMES


def test_nobody_at_the_address_is_told_without_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PAUSE_SECONDS", 0)
    with pytest.raises(FetchRefused, match=r"file cannot be fetched: \[Errno 111\] Connection"):
        fetch("http://127.0.0.1:9/file", tmp_path / "file", most=1, say=print)


def test_a_server_that_stalls_is_left_and_asked_again(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "STALL_SECONDS", 0.05)
    upstream.mirror.misbehave("file", Slow(10), times=1)
    upstream.fetch()
    whole(upstream)
    assert any("Read timed out" in said for said in upstream.said)


def endless(request: Request) -> Answer:
    """More than it is asked for, and no word of how much."""
    answer = Answer.of(b"x" * 3_000_000)
    return Answer(answer.body, answer.size, headers={})


def test_more_than_it_can_have_is_not_written_to_the_disk(upstream: Upstream) -> None:
    upstream.mirror.serve("file", endless)
    with pytest.raises(FetchRefused, match="3000000 bytes, more than the 1000000"):
        upstream.fetch("")
    absent(upstream)


def test_a_full_disk_is_told_before_it_is_full(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SPARE_BYTES", 1 << 60)
    with pytest.raises(FetchRefused, match=rf"file\.part needs {len(CONTENT)} bytes more, \d+ are"):
        upstream.fetch()
    absent(upstream)


def test_a_disk_that_fills_meanwhile_is_no_network_trouble(upstream: Upstream) -> None:
    upstream.into.parent.mkdir()
    other = "/dev/full"  # the kernel's own full disk
    opened = Path.open

    def full(path: Path, mode: str = "r", **more: object) -> object:
        return opened(Path(other) if mode == "ab" else path, mode, **more)  # type: ignore[call-overload]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(
            FetchRefused, match=r"the disk is full: .*file\.part needs .*Next: free"
        ):
            upstream.fetch()
    assert len(upstream.mirror.requests) == 1


def test_two_at_once_fetch_it_once(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the boxes of a fleet do; a third of a second is longer than both need to start."""
    upstream.mirror.misbehave("file", Slow(3_000_000))
    found: list[Fetched] = []
    both = [threading.Thread(target=lambda: found.append(upstream.fetch())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    whole(upstream)
    assert found == [Fetched(upstream.into, SHA256, len(CONTENT))] * 2
    assert len(upstream.mirror.requests) == 1
    assert "file: another run is fetching it" in upstream.said


def test_progress_is_said_about_once_a_second(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count()
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: next(clock) / 2))
    upstream.fetch()
    chunks = -(-len(CONTENT) // room.CHUNK)
    assert 1 < len(upstream.said) <= chunks / 2
    assert upstream.said[0] == "file: 0.1 MB of 0.6 MB, 0.1 MB/s"


def test_a_file_moved_behind_a_redirect_is_found(upstream: Upstream) -> None:
    upstream.mirror.serve("elsewhere", fixed(CONTENT))
    upstream.mirror.misbehave("file", Stale("elsewhere"))
    assert upstream.fetch().sha256 == SHA256


def test_what_is_sent_is_asked_for_each_attempt_anew_and_a_401_is_no_end(
    upstream: Upstream,
) -> None:
    """A token that was good at the first byte of 5 GB may be out of date in the middle."""
    sent: list[str] = []

    def guarded(request: Request) -> Answer:
        sent.append(request.headers["authorization"])
        good = sent[-1] != "Bearer 2"
        return Answer.of(CONTENT) if good else Answer.note(401, "out of date")

    numbers = itertools.count(1)
    upstream.mirror.serve("file", guarded)
    upstream.mirror.misbehave("file", Truncated(300_000), times=1)
    fetch(
        f"{upstream.mirror.url}/file",
        upstream.into,
        sha256=SHA256,
        most=MOST,
        say=upstream.said.append,
        headers=lambda: {"Authorization": f"Bearer {next(numbers)}"},
    )
    whole(upstream)
    assert sent == ["Bearer 1", "Bearer 2", "Bearer 3"]
    assert [asked.status for asked in upstream.mirror.requests] == [200, 401, 206]


def test_a_401_again_and_again_is_an_end(upstream: Upstream) -> None:
    upstream.mirror.serve("file", lambda _: Answer.note(401, "never"))
    with pytest.raises(FetchRefused, match="HTTP 401 Unauthorized, 5 times in a row"):
        fetch(f"{upstream.mirror.url}/file", upstream.into, most=MOST, say=print, headers=dict)
    assert len(upstream.mirror.requests) == room.TIMES


def test_a_401_is_an_end_at_once_where_nothing_else_could_be_sent(upstream: Upstream) -> None:
    upstream.mirror.serve("file", lambda _: Answer.note(401, "never"))
    with pytest.raises(FetchRefused, match="answers HTTP 401 Unauthorized"):
        upstream.fetch()
    assert len(upstream.mirror.requests) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_authorization_does_not_go_along_to_another_server(
    upstream: Upstream, host: str
) -> None:
    seen: list[str] = []

    def elsewhere(request: Request) -> Answer:
        seen.append(request.headers.get("authorization", ""))
        return Answer.of(CONTENT)

    with Mirror() as store:
        store.serve("file", elsewhere)
        to = {"location": f"http://{host}:{store.port}/file"}
        moved = replace(Answer.note(307, "over there"), headers=to)
        upstream.mirror.serve("file", lambda _: moved)
        own = {"Authorization": "Bearer secret"}
        address = f"{upstream.mirror.url}/file"
        fetch(address, upstream.into, most=MOST, say=print, headers=lambda: own)
    whole(upstream)
    assert seen == [""]
