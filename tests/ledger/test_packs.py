"""The chart of accounts that we ship, and the ways in which one can be wrong."""

from pathlib import Path

import msgspec
import pytest

from serviceco.ledger.packs import read_chart
from serviceco.ledger.words import AccountCode


def test_every_account_that_verbs_post_to_has_a_name_in_three_languages():
    named = {account.code: set(account.names) for account in read_chart().accounts}
    assert all(named[code] == {"en", "zh_hans", "zh_hant"} for code in AccountCode)


def test_a_chart_that_lacks_an_account_is_refused(tmp_path: Path):
    path = tmp_path / "short.yaml"
    path.write_text("chart: short\naccounts: []\n")
    with pytest.raises(ValueError, match=r"short\.yaml.*brand_receivable"):
        read_chart(path)


def test_a_chart_with_an_unknown_field_is_refused(tmp_path: Path):
    path = tmp_path / "odd.yaml"
    path.write_text("chart: odd\naccounts: []\ncolour: red\n")
    with pytest.raises(msgspec.ValidationError, match="colour"):
        read_chart(path)
