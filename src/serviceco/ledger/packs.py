"""The chart of accounts as dated data: `tenants/_books/*.yaml`."""

from datetime import date
from pathlib import Path

import msgspec
from ruamel.yaml import YAML

from serviceco.core.places import project_folder
from serviceco.ledger.words import AccountCode, AccountKind

CHART = "repair-service"


class ChartAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One account, in use from `since` (in) to `until` (out), with a name per language."""

    code: str
    account: AccountKind
    since: date
    names: dict[str, str]
    until: date | None = None


class Chart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chart of accounts."""

    chart: str
    accounts: list[ChartAccount]


def read_chart(path: Path | None = None) -> Chart:
    """Read a chart of accounts; the one we ship, unless told.

    Raises:
        ValueError: the file is no chart, names an account twice, or lacks one that verbs post to.
    """
    source = path or project_folder("tenants") / "_books" / f"{CHART}.yaml"
    chart = msgspec.convert(YAML(typ="safe").load(source), Chart)
    codes = [account.code for account in chart.accounts]
    twice = {code for code in codes if codes.count(code) > 1}
    missing = {code.value for code in AccountCode} - set(codes)
    if twice or missing:
        raise ValueError(f"{source.name}: twice {sorted(twice)}, missing {sorted(missing)}")
    return chart
