"""What a request gets of some content, decided without a socket."""

import pytest

from tests.lab.mirror import Answer, Request
from tests.lab.mirror.messages import clean_path, reply_to

CONTENT = b"0123456789"
DATE = "Sat, 01 Nov 2025 10:00:00 GMT"
LATER = "Sat, 01 Nov 2025 10:00:01 GMT"
EARLIER = "Sat, 01 Nov 2025 09:59:59 GMT"


def answer() -> Answer:
    made = Answer.of(CONTENT)
    return Answer(made.body, made.size, 200, {"etag": '"one"', "last-modified": DATE})


def get(method: str = "GET", **headers: str) -> tuple[int, bytes, str | None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = reply_to(Request("file", method, headers=named), answer())
    return reply.status, b"".join(reply.chunks()), reply.headers.get("content-range")


@pytest.mark.parametrize(
    ("asked", "body", "shown"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", CONTENT, "bytes 0-9/10"),
    ],
)
def test_a_range_that_exists_is_sent_alone(asked: str, body: bytes, shown: str) -> None:
    assert get(range=asked) == (206, body, shown)


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_past_the_end_is_refused_with_the_true_size(asked: str) -> None:
    assert get(range=asked) == (416, b"", "bytes */10")


@pytest.mark.parametrize("asked", ["bytes=3-2", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes"])
def test_a_range_that_is_none_is_answered_with_the_whole(asked: str) -> None:
    assert get(range=asked) == (200, CONTENT, None)


def test_head_ignores_a_range() -> None:
    assert get("HEAD", range="bytes=0-3")[0] == 200


@pytest.mark.parametrize("holds", ['"one"', DATE])
def test_a_resume_of_the_same_file_gets_the_rest(holds: str) -> None:
    assert get(range="bytes=4-", if_range=holds)[:2] == (206, b"456789")


@pytest.mark.parametrize("holds", ['"two"', 'W/"one"', EARLIER, LATER])
def test_a_resume_of_another_file_gets_the_whole(holds: str) -> None:
    assert get(range="bytes=4-", if_range=holds)[:2] == (200, CONTENT)


@pytest.mark.parametrize("since", [DATE, LATER])
def test_a_client_that_has_it_by_date_is_told_so(since: str) -> None:
    assert get(if_modified_since=since)[:2] == (304, b"")


@pytest.mark.parametrize("since", [EARLIER, "yesterday", "Sat, 01 Nov 2025 10:00:00 -0000"])
def test_a_client_with_an_older_file_or_no_date_gets_the_new_one(since: str) -> None:
    assert get(if_modified_since=since)[:2] == (200, CONTENT)


@pytest.mark.parametrize("tags", ['"one"', 'W/"one"', '"two", "one"', "*"])
def test_a_client_that_has_it_by_tag_is_told_so(tags: str) -> None:
    assert get(if_none_match=tags)[0] == 304


def test_the_tag_decides_over_the_date() -> None:
    assert get(if_none_match='"two"', if_modified_since=LATER)[0] == 200


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", ""),
        ("/a/b.deb", "a/b.deb"),
        ("/a//./b", "a/b"),
        ("/whl/torch/", "whl/torch/"),
        ("/torch-2.9%2Brocm6.4.whl", "torch-2.9+rocm6.4.whl"),
        ("/a..b/c", "a..b/c"),
        ("/../etc/passwd", None),
        ("/a/%2e%2e/b", None),
        ("/a%2f..%2fb", None),
        ("/a%00b", None),
    ],
)
def test_a_path_never_climbs(target: str, path: str | None) -> None:
    assert clean_path(target) == path
