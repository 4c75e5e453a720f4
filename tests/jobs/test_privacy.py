"""What the worker removes beside rows of the company: files of photos, records of sign-ins."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from serviceco.core.ids import new_id
from serviceco.identity.sign_ins import open_sign_in, prove
from serviceco.identity.tables import SignIn
from serviceco.jobs.privacy import file_remover, sign_in_forgetter
from serviceco.privacy.retention import DUE, set_retention
from serviceco.privacy.words import Kept
from serviceco.storage.files import Files
from serviceco.storage.relay import Delivery
from serviceco.storage.unit_of_work import global_work
from tests.factories import NOON
from tests.identity.people import PASSWORD, person
from tests.privacy.people import add_photo
from tests.repairs.shop import Shop, open_shop


@pytest.fixture
async def shop(make) -> Shop:
    return await open_shop(make)


def delivery(topic: str, **payload: object) -> Delivery:
    return Delivery(id=new_id(), topic=topic, payload=payload, sent_at=NOON, attempt=1)


async def test_a_file_goes_once_no_photo_needs_it(shop: Shop, tmp_path: Path):
    files = Files(tmp_path)
    tenant_id = shop.make.tenant_id
    dropped = await files.put(tenant_id, b"dropped")
    shared = await files.put(tenant_id, b"shared")
    photo = await add_photo(shop, await shop.received())
    photo.sha256 = shared
    await shop.session.flush()

    ear = file_remover(files)
    for _ in range(2):
        told = delivery("files.dropped", sha256=[dropped, shared])
        await ear.hear(shop.session, shop.actor, [told], NOON)

    with pytest.raises(FileNotFoundError):
        await files.get(tenant_id, dropped)
    assert await files.get(tenant_id, shared) == b"shared"


async def test_old_records_of_sign_ins_go_as_the_company_decided(shop: Shop, auth_engine):
    ours = await person(auth_engine, shop.make.tenant_id)
    theirs = await person(auth_engine, new_id())
    for at in (NOON - timedelta(days=300), NOON):
        for somebody in (ours, theirs):
            async with global_work(auth_engine) as session:
                account = await prove(somebody.account, PASSWORD)
                await open_sign_in(session, account, address="", agent="", at=at)
    await set_retention(shop.session, shop.actor, Kept.SIGN_INS, months=6, at=NOON)

    ear = sign_in_forgetter(auth_engine)
    await ear.hear(shop.session, shop.actor, [delivery(DUE, kept="words")], NOON)
    await ear.hear(shop.session, shop.actor, [delivery(DUE, kept="sign_ins")], NOON)

    async with global_work(auth_engine) as session:
        left = [
            await session.scalar(
                sa.select(sa.func.count()).where(SignIn.account_id == somebody.account.id)
            )
            for somebody in (ours, theirs)
        ]
    assert left == [1, 2]
