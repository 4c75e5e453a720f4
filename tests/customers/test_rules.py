from datetime import date, timedelta

import pytest

from serviceco.customers.rules import first_future_proof, mask_name, mask_phone, parse_phone
from serviceco.customers.words import ProofGiven
from serviceco.policy.words import ProofKind

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("138 1234 5678", "CN", "+8613812345678"),
        ("+86 138-1234-5678", "IE", "+8613812345678"),
        ("0912-345-678", "TW", "+886912345678"),
        ("085 012 3456", "IE", "+353850123456"),
        ("１３８１２３４５６７８", "CN", "+8613812345678"),
        ("138 1234 567", "CN", None),
        ("call me", "CN", None),
        ("", "CN", None),
    ],
)
def test_a_phone_is_read_in_its_country(text: str, country: str, number: str | None) -> None:
    assert parse_phone(text, country) == number


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("+8613812345678", "138****5678"), ("+886912345678", "912****5678"), ("", "****")],
)
def test_a_masked_phone_hides_its_middle(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("王", "王*"), ("王芳", "王*"), ("王小芳", "王*芳"), ("", "")]
)
def test_a_masked_name_keeps_its_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_purchase_of_today_is_not_in_the_future() -> None:
    proofs = [
        ProofGiven(kind=ProofKind.INVOICE, dated_on=TODAY + timedelta(days=days))
        for days in (-1, 0, 1)
    ]
    assert first_future_proof(proofs, TODAY) is proofs[2]
    assert first_future_proof(proofs[:2], TODAY) is None
