"""A company, a brand and their first people, from the command line."""

import asyncio

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli import main
from serviceco.core.ids import new_id
from serviceco.edge.invitations import Invitations
from serviceco.identity.queries import find_account, list_memberships
from serviceco.ledger.tables import LedgerAccount
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import find_brand, find_tenant


@pytest.fixture
def serviceco(owner_url: str):
    """Runs a command in a thread of its own: it starts an event loop."""

    async def run(*arguments: str) -> Result:
        environment = {"DATABASE_URL": owner_url, "PORT": "8123"}
        return await asyncio.to_thread(CliRunner().invoke, main, list(arguments), env=environment)

    return run


@pytest.fixture
def slug() -> str:
    return f"t-{new_id().hex}"


def opening(slug: str, **changes: str) -> list[str]:
    facts = {
        "name": "华修",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "language": "zh-Hans",
        "country": "CN",
        "owner": f"{slug}@x.test",
        "owner-name": "王芳",
    }
    options = [text for pair in (facts | changes).items() for text in (f"--{pair[0]}", pair[1])]
    return ["company", "open", slug, *options]


async def memberships(auth_engine: AsyncEngine, link: str, email: str):
    """What somebody is after opening their link."""
    door, token = Invitations(auth_engine), link.strip().rsplit("/", 1)[1]
    await door.accept(token, name="王", language="en", password="long enough", address="::1")
    async with global_work(auth_engine) as session:
        account = await find_account(session, email)
        assert account
        return await list_memberships(session, account.id)


async def test_a_company_opens_with_its_books_and_its_first_owner(
    serviceco, engine, auth_engine, slug
):
    made = await serviceco(*opening(slug))
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("http://127.0.0.1:8123/join/")
    (owner,) = await memberships(auth_engine, made.stdout, f"{slug}@x.test")
    async with global_work(auth_engine) as session:
        tenant = await find_tenant(session, slug)
    assert tenant
    assert (owner.roles, owner.tenant_id) == (["owner"], tenant.id)
    async with unit_of_work(engine, tenant.id) as session:
        accounts = select(func.count()).where(LedgerAccount.tenant_id == tenant.id)
        assert await session.scalar(accounts)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": "Mars/Base"}, "time zone"),
        ({"currency": "Yuan"}, "currency"),
        ({"country": "china"}, "country"),
        ({"name": " "}, "name"),
        ({"language": "nl"}, "language"),
    ],
)
async def test_a_company_of_nowhere_is_not_opened(serviceco, auth_engine, slug, changes, words):
    refused = await serviceco(*opening(slug, **changes))
    assert refused.exit_code != 0
    assert words in refused.output
    async with global_work(auth_engine) as session:
        assert await find_tenant(session, slug) is None


async def test_a_slug_names_one_company(serviceco, slug):
    assert (await serviceco(*opening(slug))).exit_code == 0
    again = await serviceco(*opening(slug))
    assert (again.exit_code, "Another company" in again.output) == (1, True)


async def test_a_brand_is_registered_and_its_people_invited(serviceco, auth_engine, slug):
    added = await serviceco("brand", "add", slug, "--name", "Xinghe", "--zh-hans", "星河")
    assert added.exit_code == 0, added.output
    async with global_work(auth_engine) as session:
        brand = await find_brand(session, slug)
    assert brand
    assert brand.names == {"en": "Xinghe", "zh_hans": "星河", "zh_hant": "星河"}
    email = f"{slug}@brand.test"
    asked = ("invite", email, "--brand", slug, "--role", "claims_reviewer")
    made = await serviceco(*asked)
    assert made.exit_code == 0, made.output
    (reviewer,) = await memberships(auth_engine, made.stdout, email)
    assert (reviewer.brand_id, reviewer.tenant_id) == (brand.id, None)
    again = await serviceco(*asked)
    assert again.exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--brand", "unheard-of", "--role", "auditor"),
        ("--tenant", "unheard-of", "--role", "owner"),
        ("--role", "auditor"),
        ("--brand", "x", "--tenant", "y", "--role", "auditor"),
    ],
)
async def test_an_invitation_to_nowhere_is_refused(serviceco, arguments):
    refused = await serviceco("invite", "x@x.test", *arguments)
    assert refused.exit_code in {1, 2}
    assert "Traceback" not in refused.output


async def test_each_side_has_its_own_roles(serviceco, slug, tenant_id):
    await serviceco("brand", "add", slug, "--name", "Xinghe")
    mixed = await serviceco("invite", "x@x.test", "--brand", slug, "--role", "owner")
    assert "no roles of a brand" in mixed.output
    into = ("--tenant", f"t-{tenant_id.hex}", "--name", "X", "--code", "E9")
    mixed = await serviceco("invite", "x@x.test", *into, "--role", "auditor")
    assert mixed.exit_code == 1
