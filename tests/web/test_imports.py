"""Imports and the administrator's start."""

import csv
import io

import pytest

from serviceco.core.actor import Permission
from serviceco.core.catalogues import LANGUAGES, find_sentence
from serviceco.core.ids import new_id
from serviceco.exchange.tables import ImportRun
from serviceco.exchange.words import Problem, Remark
from tests.factories import NOON

REPORT = {
    "not_understood": {"bad_date": 1, "bad_year": 1},
    "lines": [
        {
            "line": 7,
            "id": "anstiftung_7",
            "verdict": "rejected",
            "notes": [{"code": "bad_date", "column": "event_date", "text": "=31.2."}],
        },
        {
            "line": 9,
            "id": "anstiftung_9",
            "verdict": "kept",
            "notes": [{"code": "bad_year", "column": "year_of_manufacture", "text": "old"}],
        },
    ],
    "more_lines": 3,
}


@pytest.fixture
async def run(company):
    """A run that took 40 rows and did not understand two."""
    async with company.at_work() as history:
        return await history.make.save(
            ImportRun(
                tenant_id=company.tenant_id,
                id=new_id(),
                source="ords",
                file_name="repairs.csv",
                sha256="0" * 64,
                started_at=NOON,
                finished_at=NOON,
                started_by=company.actor().account_id,
                imported=40,
                unchanged=0,
                changed=0,
                rejected=1,
                report=REPORT,
            )
        )


async def test_a_run_leads_to_the_lines_it_did_not_understand(run, desk_client):
    page = (await desk_client.get("/admin/imports")).text
    assert f'<a href="/admin/imports/{run.id}">repairs.csv</a>' in page
    page = (await desk_client.get(f"/admin/imports/{run.id}?lang=en")).text
    assert "Not a date" in page
    assert "2 shown of 5" in page
    assert page.index("=31.2.") < page.index("<span>old</span>")


async def test_the_lines_are_a_file_that_runs_no_formula(run, desk_client):
    answer = await desk_client.get(f"/admin/imports/{run.id}/lines.csv?lang=en")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["Line"], row["Result"]) for row in rows] == [
        ("7", "Not imported"),
        ("9", "Imported"),
    ]
    assert rows[0]["As it stands"] == "'=31.2."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_words(language):
    codes = [*Problem, *Remark]
    assert [code for code in codes if not find_sentence(language, f"import_note.{code}")] == []


async def test_a_run_of_another_company_does_not_exist(desk_client):
    assert (await desk_client.get(f"/admin/imports/{new_id()}")).status_code == 404


async def test_imports_need_their_permission(desk_client, office, company):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.IMPORT_HISTORY})
    assert (await desk_client.get("/admin/imports")).status_code == 403


async def test_the_administrator_sees_service_points_and_contracts(company, desk_client):
    async with company.at_work() as history:
        await history.make.contract(brand=company.brand, branches=company.branches[:1])
    page = (await desk_client.get("/admin?lang=en")).text
    assert '<a class="mono" href="/admin/branches/sh01">sh01</a>' in page
    assert "from 1 Jan 2026" in page
    assert 'data-label="Service points and levels"><span>sh01 3</span>' in page
    assert 'href="/admin/brand-aliases"' in page


async def test_the_start_is_for_administrators(desk_client, office, company):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.MANAGE_TENANT})
    assert (await desk_client.get("/admin")).status_code == 403
