"""Each way in which the mirror goes wrong, seen from a client, and how it goes right again."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from tests.lab.mirror import (
    Cut,
    HtmlPage,
    Mirror,
    Misbehaviour,
    Missing,
    RangeIgnored,
    RangeRefused,
    RedirectLoop,
    Refused,
    Slow,
    Stale,
    Truncated,
    WrongBytes,
    fixed,
)

CONTENT = bytes(range(100))


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as mirror:
        mirror.serve("file", fixed(CONTENT))
        yield mirror


def get(
    mirror: Mirror, path: str = "/file", span: str = "", method: str = "GET"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", mirror.port, timeout=10)
    try:
        connection.request(method, path, headers={"Range": span} if span else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def receive(mirror: Mirror) -> bytes:
    """All that a connection gives, headers too, until it ends in order."""
    with socket.create_connection(("127.0.0.1", mirror.port), timeout=10) as connection:
        connection.sendall(b"GET /file HTTP/1.1\r\nHost: mirror\r\n\r\n")
        got = b""
        while part := connection.recv(4096):
            got += part
    return got


def test_wrong_bytes_keep_the_length(mirror: Mirror) -> None:
    mirror.misbehave("file", WrongBytes(offset=50))

    status, body = get(mirror)

    assert (status, len(body)) == (200, 100)
    assert [at for at in range(100) if body[at] != CONTENT[at]] == [50]


def test_wrong_bytes_are_wrong_in_the_range_that_has_them(mirror: Mirror) -> None:
    mirror.misbehave("file", WrongBytes(offset=50))

    assert get(mirror, span="bytes=0-49") == (206, CONTENT[:50])
    assert get(mirror, span="bytes=50-50") == (206, bytes([50 ^ 0xFF]))


def test_a_truncated_body_promises_all_and_ends_in_order(mirror: Mirror) -> None:
    mirror.misbehave("file", Truncated(after=30))

    head, _, body = receive(mirror).partition(b"\r\n\r\n")

    assert b"Content-Length: 100" in head
    assert body == CONTENT[:30]
    assert mirror.requests[0].sent == 30
    with pytest.raises(http.client.IncompleteRead):
        get(mirror)


def test_a_cut_resets_the_connection(mirror: Mirror) -> None:
    mirror.misbehave("file", Cut(after=30))

    with pytest.raises(ConnectionResetError):
        receive(mirror)
    assert mirror.requests[0].sent == 30


def test_a_cut_in_a_range_counts_from_where_the_range_begins(mirror: Mirror) -> None:
    mirror.misbehave("file", Truncated(after=30), times=1)

    with pytest.raises(http.client.IncompleteRead) as cut:
        get(mirror, span="bytes=50-")
    assert cut.value.partial == CONTENT[50:80]
    assert get(mirror, span="bytes=80-") == (206, CONTENT[80:])


def test_an_ignored_range_brings_the_whole(mirror: Mirror) -> None:
    mirror.misbehave("file", RangeIgnored())

    assert get(mirror, span="bytes=40-") == (200, CONTENT)
    assert mirror.requests[0].range == "bytes=40-"


def test_a_refused_range_lets_the_whole_be_had(mirror: Mirror) -> None:
    mirror.misbehave("file", RangeRefused(), times=1)

    assert get(mirror) == (200, CONTENT)
    assert get(mirror, span="bytes=40-")[0] == 416
    assert get(mirror, span="bytes=40-")[0] == 206


def test_a_slow_body_comes_in_small_chunks_at_its_rate() -> None:
    pauses: list[float] = []
    with Mirror(pace=pauses.append) as mirror:
        mirror.serve("file", fixed(CONTENT))
        mirror.misbehave("file", Slow(bytes_per_second=200))
        assert get(mirror) == (200, CONTENT)

    assert pauses == [0.1] * 5


def test_a_slow_body_does_not_hold_up_the_end() -> None:
    with Mirror() as mirror:
        mirror.serve("file", fixed(CONTENT))
        mirror.misbehave("file", Slow(bytes_per_second=10))
        connection = http.client.HTTPConnection("127.0.0.1", mirror.port, timeout=10)
        connection.request("GET", "/file")
        response = connection.getresponse()

    assert len(response.read1()) < 100
    connection.close()


def test_a_stale_index_is_another_path_of_the_mirror(mirror: Mirror) -> None:
    mirror.serve("old/Packages", fixed(b"Version: 1\n"))
    mirror.serve("new/Packages", fixed(b"Version: 2\n"))
    mirror.misbehave("new/Packages", Stale("old/Packages"), times=1)

    assert get(mirror, "/new/Packages") == (200, b"Version: 1\n")
    assert get(mirror, "/new/Packages") == (200, b"Version: 2\n")
    assert mirror.requests[0].path == "new/Packages"


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (Missing(), 404, b"no file"),
        (Refused(), 503, b"unavailable"),
        (HtmlPage(), 200, b"<h1>Sign in"),
        (RedirectLoop(), 302, b"here again"),
    ],
)
def test_another_answer_takes_the_place_of_the_file(
    mirror: Mirror, kind: Misbehaviour, status: int, said: bytes
) -> None:
    mirror.misbehave("/file", kind)

    found, body = get(mirror)

    assert found == status
    assert said in body


def test_misbehaviours_are_met_in_the_order_given_and_then_it_behaves(mirror: Mirror) -> None:
    mirror.misbehave("file", Refused(), times=2)
    mirror.misbehave("file", Missing(), times=1)

    assert [get(mirror)[0] for _ in range(4)] == [503, 503, 404, 200]


def test_a_request_that_would_not_notice_is_not_counted(mirror: Mirror) -> None:
    mirror.misbehave("file", WrongBytes(), times=1)

    get(mirror, method="HEAD")
    get(mirror, "/other")

    assert get(mirror)[1] != CONTENT
    assert get(mirror)[1] == CONTENT


def test_a_pattern_crosses_slashes_and_behave_forgets_it(mirror: Mirror) -> None:
    mirror.serve("rocm/apt/7.0.2/dists/noble/InRelease", fixed(b"-"))
    mirror.misbehave("rocm/apt/*/InRelease", Refused())

    assert get(mirror, "/rocm/apt/7.0.2/dists/noble/InRelease")[0] == 503
    assert get(mirror)[0] == 200
    mirror.behave()
    assert get(mirror, "/rocm/apt/7.0.2/dists/noble/InRelease")[0] == 200
