"""Ears that need more than the application's connections: files to delete, records of sign-ins."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor
from serviceco.identity.sign_ins import forget_sign_ins
from serviceco.jobs.handlers import Handler
from serviceco.privacy.photos import DROPPED, list_orphans
from serviceco.privacy.retention import DUE, list_rules
from serviceco.privacy.rules import months_before
from serviceco.privacy.words import Kept
from serviceco.storage.files import Files
from serviceco.storage.relay import Delivery
from serviceco.storage.unit_of_work import global_work, tenant_of


def file_remover(files: Files) -> Handler:
    """Delete the files of photos that were dropped, unless another photo holds the same picture."""

    async def hear(
        session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], _at: datetime
    ) -> None:
        for delivery in deliveries:
            for digest in await list_orphans(session, delivery.payload["sha256"]):
                await files.remove(tenant_of(session), digest)

    return Handler(name="files", topics=frozenset({DROPPED}), hear=hear)


def sign_in_forgetter(auth: AsyncEngine) -> Handler:
    """Delete records of sign-ins that are older than the company keeps them."""

    async def hear(
        session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], at: datetime
    ) -> None:
        rule = (await list_rules(session)).get(Kept.SIGN_INS)
        if rule is None or rule.months is None:
            return
        if any(delivery.payload["kept"] == Kept.SIGN_INS for delivery in deliveries):
            before = months_before(at, rule.months)
            async with global_work(auth) as identity:
                await forget_sign_ins(identity, tenant_of(session), before=before)

    return Handler(name="sign_ins", topics=frozenset({DUE}), hear=hear)
