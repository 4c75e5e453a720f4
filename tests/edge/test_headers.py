"""The head of a whole answer: the same as piece by piece, or none at all."""

import pytest

from serviceco.edge.headers import CommonHeaders

ID = "00000000000000ff"
PLAIN = (b"content-type", b"text/plain")
SIZED = (b"content-length", b"2")


def written(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in headers)


@pytest.mark.parametrize("https", [True, False])
@pytest.mark.parametrize(
    "own",
    [
        [PLAIN],
        [PLAIN, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
        [PLAIN, (b"cache-control", b"private, max-age=60")],
        [],
    ],
)
def test_the_lines_are_those_of_the_headers(https, own):
    common = CommonHeaders(https=https)
    for _ in range(2):
        assert common.lines([*own, SIZED], ID, 2) == written(common.added_to(own, ID))


def test_a_page_keeps_its_own_name_in_any_case():
    lines = CommonHeaders(https=False).lines([(b"Cache-Control", b"public"), SIZED], ID, 2)
    assert lines is not None
    assert lines.startswith(b"cache-control: public\r\n")
    assert lines.count(b"cache-control") == 1


@pytest.mark.parametrize(
    "headers",
    [
        [PLAIN],
        [PLAIN, (b"content-length", b"3")],
        [PLAIN, SIZED, (b"transfer-encoding", b"chunked")],
        [PLAIN, SIZED, (b"Connection", b"close")],
        [PLAIN, SIZED, (b"Content-Length", b"2")],
        [(b"location", b"/a\r\nset-cookie: b=1"), SIZED],
        [(b"location", b"/a\nb"), SIZED],
        [(b"x\r\ny", b"1"), SIZED],
        [(b"x y", b"1"), SIZED],
    ],
)
def test_what_the_server_must_look_at_is_left_to_it(headers):
    assert CommonHeaders(https=False).lines(headers, ID, 2) is None
