"""The mirror over real sockets: what it serves, what it records, how it ends."""

import hashlib
import http.client
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.mirror import Answer, Mirror, Request, fixed, upstream
from tests.lab.mirror.git import git_backend
from tests.lab.mirror.registry import registry
from tests.lab.mirror.upstreams import tree
from tests.lab.mirror.wheels import wheel_index

WHEEL = "torch-2.9.0+rocm6.4-cp311-cp311-linux_x86_64.whl"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as mirror:
        yield mirror


def ask(
    mirror: Mirror,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", mirror.port, timeout=10)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    found = response.status, response.read(), response.headers
    connection.close()
    return found


def test_a_folder_is_served_under_its_prefix(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "dists").mkdir()
    (tmp_path / "dists/Release").write_bytes(b"Suite: noble\n")
    mirror.serve_folder(upstream("rocm-apt", release="6.4.3"), tmp_path)

    status, body, headers = ask(mirror, "/rocm/apt/6.4.3/./dists/Release")

    assert (status, body) == (200, b"Suite: noble\n")
    assert headers["Content-Length"] == "13"
    assert headers["Accept-Ranges"] == "bytes"


def test_a_folder_shows_no_listing_and_nothing_outside(mirror: Mirror, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    (inside / "file").write_bytes(b"-")
    (inside / "link").symlink_to(tmp_path / "secret")
    mirror.serve_folder("", inside)

    paths = [
        "/",
        "/sub",
        "/sub/",
        "/file/",
        "/link",
        "/../secret",
        "/%2e%2e/secret",
        "/sub/..%2f..%2fsecret",
    ]
    paths += ["/%00", "/" + "a" * 300, "/" + str(tmp_path / "secret").replace("/", "%2f")]

    assert {ask(mirror, path)[0] for path in paths} == {404}


def test_a_resumed_download_is_checked_against_the_file(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    mirror.serve_folder("files", tmp_path)
    tag = ask(mirror, "/files/file")[2]["ETag"]

    resumed = ask(mirror, "/files/file", headers={"Range": "bytes=6-", "If-Range": tag})
    os.utime(tmp_path / "file", (1, 1))
    changed = ask(mirror, "/files/file", headers={"Range": "bytes=6-", "If-Range": tag})

    had = ask(mirror, "/files/file", headers={"If-Modified-Since": "Thu, 01 Jan 1970 00:00:01 GMT"})

    assert resumed[:2] == (206, b"6789")
    assert changed[:2] == (200, b"0123456789")
    assert had[:2] == (304, b"")
    assert "Content-Length" not in had[2]  # it would be taken for the file's


def test_a_file_bigger_than_a_chunk_arrives_whole(mirror: Mirror, tmp_path: Path) -> None:
    content = os.urandom(200_000)
    (tmp_path / "big").write_bytes(content)
    mirror.serve_folder("", tmp_path)

    assert ask(mirror, "/big")[1] == content
    assert ask(mirror, "/big", headers={"Range": "bytes=70000-"})[1] == content[70000:]


def test_the_longest_prefix_answers_and_only_at_whole_names(mirror: Mirror) -> None:
    mirror.serve("whl", lambda request: Answer.of(b"short " + request.rest.encode()))
    mirror.serve("whl/rocm6.4", lambda request: Answer.of(b"long " + request.rest.encode()))
    mirror.serve("key", fixed(b"a key"))

    asked = ["/whl/rocm6.4/torch/", "/whl/rocm6.40/torch", "/whl", "/key", "/key/more", "/keys"]
    found = [(status, body) for status, body, _ in (ask(mirror, path) for path in asked)]

    assert found[:4] == [
        (200, b"long torch/"),
        (200, b"short rocm6.40/torch"),
        (200, b"short "),
        (200, b"a key"),
    ]
    assert [status for status, _ in found[4:]] == [404, 404]


def test_one_connection_takes_many_requests(mirror: Mirror) -> None:
    mirror.serve("a", fixed(b"first"))
    connection = http.client.HTTPConnection("127.0.0.1", mirror.port, timeout=10)
    connection.connect()
    own = connection.sock.getsockname()

    for path, method in [("/a", "GET"), ("/a", "HEAD"), ("/none", "GET"), ("/a", "GET")]:
        connection.request(method, path)
        connection.getresponse().read()
        assert connection.sock.getsockname() == own
    connection.close()


def test_every_request_is_on_record_with_the_bytes_sent(mirror: Mirror) -> None:
    mirror.serve("a", fixed(b"0123456789"))

    ask(mirror, "/a?x=1")
    ask(mirror, "/a", headers={"Range": "bytes=7-"})
    ask(mirror, "/a", "HEAD")
    ask(mirror, "/b")

    record = [(r.method, r.path, r.query, r.range, r.status, r.sent) for r in mirror.requests]
    assert record == [
        ("GET", "a", "x=1", "", 200, 10),
        ("GET", "a", "", "bytes=7-", 206, 3),
        ("HEAD", "a", "", "", 200, 0),
        ("GET", "b", "", "", 404, len(b"no route for b\n")),
    ]


def test_only_routes_that_take_a_post_get_one(mirror: Mirror) -> None:
    mirror.serve("plain", fixed(b"-"))
    mirror.serve("echo", lambda request: Answer.of(request.body.read()), posts=True)

    assert ask(mirror, "/plain", "POST", body=b"sent")[0] == 405
    assert ask(mirror, "/echo", "POST", body=b"sent")[:2] == (200, b"sent")
    assert ask(mirror, "/echo", "POST", {"Transfer-Encoding": "chunked"}, b"0\r\n\r\n")[0] == 411
    assert ask(mirror, "/echo", "DELETE")[0] == 501


def test_a_mistake_in_a_handler_is_shown_to_the_client(mirror: Mirror) -> None:
    def broken(request: Request) -> Answer:
        raise KeyError("Packages")

    mirror.serve("a", broken)

    assert ask(mirror, "/a")[:2] == (500, b"a: KeyError('Packages')\n")


def test_the_wheel_index_links_each_wheel_with_its_hash(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"a wheel")
    (tmp_path / "triton_rocm-3.5.0-py3-none-any.whl").write_bytes(b"another")
    mirror.serve(upstream("wheels", rocm="rocm6.4"), wheel_index(tmp_path))

    _, projects, _ = ask(mirror, "/whl/rocm6.4/")
    _, page, headers = ask(mirror, "/whl/rocm6.4/torch/")

    assert b'href="/whl/rocm6.4/triton-rocm/"' in projects
    link = f"/whl/rocm6.4/{WHEEL.replace('+', '%2B')}"
    assert f'href="{link}#sha256={hashlib.sha256(b"a wheel").hexdigest()}"'.encode() in page
    assert headers["Content-Type"] == "text/html"
    assert ask(mirror, link)[1] == b"a wheel"
    assert ask(mirror, "/whl/rocm6.4/vision/")[0] == 404


def test_a_folder_laid_out_as_the_upstreams_needs_no_more(mirror: Mirror, tmp_path: Path) -> None:
    for name in ("rocm/apt/7.0.2/Release", f"whl/rocm6.4/{WHEEL}", "mnist/train-labels"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"content")
    for route in tree(tmp_path):
        mirror.serve(route.prefix, route.handler, route.posts)

    paths = ["/rocm/apt/7.0.2/Release", "/mnist/train-labels", "/whl/rocm6.4/torch/", "/git/x/info"]

    assert [ask(mirror, path)[0] for path in paths] == [200, 200, 200, 404]


def test_the_registry_is_read_through_the_mirror(mirror: Mirror) -> None:
    def manifest(request: Request) -> Answer:
        content = f"{request.path}?{request.query} as {request.headers['accept']}".encode()
        headers = {"docker-content-digest": "sha256:00", **Answer.of(content).headers}
        return Answer(Answer.of(content).body, len(content), headers=headers)

    with Mirror() as upstream_registry:
        upstream_registry.serve("v2", manifest)
        mirror.serve(upstream("registry"), registry(upstream_registry.port))
        whole = ask(mirror, "/v2/vllm/manifests/latest?n=1", headers={"Accept": "a/b"})
        part = ask(mirror, "/v2/x", headers={"Accept": "a/b", "Range": "bytes=0-3"})
        root = ask(mirror, "/v2/", "HEAD", headers={"Accept": "a/b"})
        missing = ask(mirror, "/v2/x", headers={"Accept": "a/b", "If-None-Match": whole[2]["ETag"]})
        asked = [r.path for r in upstream_registry.requests]

    assert whole[:2] == (200, b"v2/vllm/manifests/latest?n=1 as a/b")
    assert whole[2]["Docker-Content-Digest"] == "sha256:00"
    assert part[:2] == (206, b"v2/x")
    assert root[2]["Content-Length"] == str(len("v2/? as a/b"))
    assert missing[0] == 200  # another content than the one that it has
    assert asked == ["v2/vllm/manifests/latest", "v2/x", "v2/", "v2/x"]


def test_a_registry_that_is_not_there_is_named(mirror: Mirror) -> None:
    with Mirror() as gone:
        port = gone.port
    mirror.serve("v2", registry(port))

    status, body, _ = ask(mirror, "/v2/")

    assert status == 502
    assert f"registry on port {port}".encode() in body


def test_git_without_the_repository_is_not_found(
    mirror: Mirror, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mirror.serve("git", git_backend(tmp_path), posts=True)

    status, _, _ = ask(mirror, "/git/no/such.git/info/refs?service=git-upload-pack")

    assert status in (404, 500)  # 500: no git on this machine


def test_the_end_frees_the_port_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with Mirror() as mirror:
        mirror.serve("a", fixed(b"-"))
        idle = http.client.HTTPConnection("127.0.0.1", mirror.port, timeout=10)
        idle.request("GET", "/a")
        idle.getresponse().read()

    assert threading.active_count() == before
    idle.close()
    with Mirror(mirror.port) as again:
        assert again.url == f"http://127.0.0.1:{mirror.port}"
        assert again.guest_url == f"http://10.0.2.2:{mirror.port}"


def test_two_mirrors_do_not_share_a_port(mirror: Mirror) -> None:
    with pytest.raises(OSError, match="in use"), Mirror(mirror.port):
        pass
