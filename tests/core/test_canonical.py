import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest

from serviceco.core.canonical import canonical_hash, canonical_json, plain_values


class Colour(StrEnum):
    RED = "red"


def test_names_are_sorted_by_their_utf_16_units_as_rfc_8785_asks():
    # The example of RFC 8785, 3.2.3: the emoji's surrogates come before U+FB33.
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    fact = dict.fromkeys(names, 0)
    assert list(json.loads(canonical_json(fact))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


def test_the_form_has_no_white_space_and_plain_values():
    fact = {
        "b": [1, True, None, "é"],
        "a": {"on": date(2026, 1, 2), "id": UUID(int=1), "colour": Colour.RED},
    }
    assert canonical_json(fact).decode() == (
        '{"a":{"colour":"red","id":"00000000-0000-0000-0000-000000000001","on":"2026-01-02"},'
        '"b":[1,true,null,"é"]}'
    )


def test_one_instant_has_one_form_in_every_zone():
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert canonical_hash(noon) == canonical_hash(noon.astimezone(timezone(timedelta(hours=8))))


@pytest.mark.parametrize("value", [0.5, b"raw", object(), {"deep": [1.0]}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


class Count(IntEnum):
    TWO = 2


def test_plain_values_read_back_as_the_canonical_bytes():
    fact = {
        "b": ({"z": 1, "a": (Colour.RED, Count.TWO)}, [date(2026, 1, 2)]),
        "a": datetime(2026, 1, 2, 8, 0, 0, 5, tzinfo=timezone(timedelta(hours=8))),
    }
    plain = plain_values(fact)
    assert plain == json.loads(canonical_json(fact))
    assert plain["a"] == "2026-01-02T00:00:00.000005+00:00"
    assert [type(value) for value in plain["b"][0]["a"]] == [str, int]


def test_the_canonical_bytes_are_those_of_the_standard_encoder():
    signs = "".join(map(chr, range(0xD800)))
    assert canonical_json(signs) == json.dumps(signs, ensure_ascii=False).encode()
    assert canonical_json(-(10**30)) == b"-1" + b"0" * 30
