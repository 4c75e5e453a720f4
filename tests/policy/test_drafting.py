"""Drafts of policies: nothing typed is lost, faults are named, a second person publishes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from serviceco.catalogue.operations import register_category
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, InvalidInput, NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.policy import drafting
from serviceco.policy.operations import publish_policy
from serviceco.policy.packs import Folder, pack_text, parse_policy, read_policy
from serviceco.policy.proofreading import proofread
from serviceco.policy.queries import effective_policy, pinned_policy
from serviceco.policy.words import (
    DraftBroken,
    DraftElsewhere,
    DraftStatus,
    PolicyVersionTaken,
    SecondPersonNeeded,
    TooManyDrafts,
)
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Tenant

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
NEXT_MONTH = date(2026, 2, 1)
PACKS = [
    path
    for tenant in Folder(Path("tenants")).tenants()
    for path in Folder(Path("tenants")).policies(tenant)
]


@pytest.fixture
async def brand(make):
    return await make.brand()


@pytest.fixture
async def pack(session, tenant_id, brand):
    tenant = (await session.scalars(select(Tenant).where(Tenant.id == tenant_id))).one()
    whole = read_policy(Path("tenants/qinghe/brands/muhe.yaml"))
    parts = tuple(replace(part, models=()) for part in whole.parts)
    return replace(
        whole, brand=brand.code, code=f"code-{brand.code}", currency=tenant.currency, parts=parts
    )


@pytest.fixture
async def version(session, actor, make, pack, tenant_id):
    async with global_work(make.admin_engine) as operator_session:
        for code in pack.coverage:
            await register_category(
                operator_session, system_actor(tenant_id), code, names={"en": code}
            )
    return await publish_policy(session, actor, pack, at=AT)


@pytest.fixture
async def draft(session, actor, version):
    return await drafting.open_draft(session, actor, version.id, at=AT)


@pytest.fixture
def reviewer(make):
    return make.actor(permissions={Permission.PUBLISH_POLICY, Permission.WRITE_POLICY})


@pytest.fixture
def saved(session, actor, draft):
    """Saves a policy as the draft's text."""

    async def save(policy):
        text = policy if isinstance(policy, str) else pack_text(policy)
        return await drafting.save_draft(
            session, actor, draft.id, text, version=draft.version, at=AT
        )

    return save


@pytest.fixture
async def submitted(session, actor, draft, pack, saved):
    await saved(replace(pack, version="2026.2", effective_from=NEXT_MONTH))
    return await drafting.submit_draft(session, actor, draft.id, at=AT)


async def acts_on(session, draft):
    found = await session.scalars(
        select(Event.act)
        .where(Event.tenant_id == draft.tenant_id, Event.subject_id == draft.id)
        .order_by(Event.seq)
    )
    return list(found)


@pytest.mark.parametrize("path", PACKS, ids=str)
def test_a_policy_written_as_text_reads_as_the_same(path):
    policy = read_policy(path)
    text = pack_text(policy)
    assert parse_policy(text, "draft").words == policy
    # What is as it is left out is left out, and a short row keeps to its line.
    assert "null" not in text
    assert "finds: []" not in text
    assert any(line.startswith("  - {proof:") for line in text.splitlines())


def small(policy):
    """A policy of one category and no more than a pack must have."""
    category = min(policy.coverage)
    steps = tuple(replace(step, finds=()) for step in policy.inspection[category][:1])
    return replace(
        policy,
        coverage={category: policy.coverage[category]},
        inspection={category: steps},
        findings={},
        exclusions=(),
        labour=(),
        parts=(),
        tests=policy.tests[:1],
    )


SMALL = small(read_policy(PACKS[0]))


@settings(deadline=None)
@example("C#")
@given(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text))
def test_any_words_survive_being_written(words):
    whole = replace(SMALL, title=replace(SMALL.title, en=words))
    assert parse_policy(pack_text(whole), "draft").words == whole


async def test_a_draft_begins_as_its_version_and_the_check_wants_a_new_name(session, draft, pack):
    assert draft.status is DraftStatus.WRITTEN
    assert parse_policy(draft.pack, "draft").words == pack
    proof = await proofread(session, draft)
    [fault] = proof.faults
    assert "published; give it a new version" in fault.message
    assert draft.pack.splitlines()[fault.line - 1].startswith("version:")
    assert await acts_on(session, draft) == ["policy.drafted"]


async def test_what_cannot_be_read_is_kept_and_named_by_its_line(session, draft, saved):
    await saved("format: 1\r\ncode: [")
    assert draft.pack == "format: 1\ncode: ["
    proof = await proofread(session, draft)
    assert proof.policy is None
    assert [finding.line for finding in proof.faults] == [2]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"currency": "XAU"}, "the company counts in"),
        ({"brand": "other"}, "this is a draft for the brand"),
    ],
)
async def test_a_draft_is_held_against_its_company(session, draft, pack, saved, change, sentence):
    await saved(replace(pack, version="2026.2", **change))
    assert sentence in (await proofread(session, draft)).faults[0].message


async def test_unknown_names_and_failing_tests_are_faults(session, draft, pack, saved):
    text = pack_text(replace(pack, version="2026.2"))
    category = min(pack.coverage)
    await saved(
        text.replace(f"{category}:", "spaceship:").replace(
            f"category: {category}", "category: spaceship"
        )
    )
    messages = [fault.message for fault in (await proofread(session, draft)).faults]
    assert "no category is called `spaceship`" in messages


async def test_a_draft_with_faults_is_not_submitted(session, actor, draft):
    with pytest.raises(DraftBroken) as refused:
        await drafting.submit_draft(session, actor, draft.id, at=AT)
    assert refused.value.facts["line"] == 4
    assert draft.status is DraftStatus.WRITTEN


async def test_a_second_person_publishes_for_a_day_to_come(
    session, actor, reviewer, brand, version, submitted
):
    assert submitted.status is DraftStatus.IN_REVIEW
    with pytest.raises(SecondPersonNeeded):
        await drafting.publish_draft(session, actor, submitted.id, at=AT)
    published = await drafting.publish_draft(session, reviewer, submitted.id, at=AT)
    assert published.status is DraftStatus.PUBLISHED
    before = await effective_policy(session, brand.id, date(2026, 1, 31))
    after = await effective_policy(session, brand.id, NEXT_MONTH)
    assert (before.version_id, after.version_id) == (version.id, submitted.published_id)
    assert (await pinned_policy(session, version.id, NEXT_MONTH)).version_id == version.id
    assert await acts_on(session, submitted) == [
        "policy.drafted",
        "policy.submitted",
        "policy.approved",
    ]


async def test_no_day_that_has_begun_is_changed(session, actor, reviewer, draft, pack, saved):
    await saved(replace(pack, version="2026.2", effective_from=date(2026, 1, 5)))
    await drafting.submit_draft(session, actor, draft.id, at=AT)
    with pytest.raises(DraftBroken):
        await drafting.publish_draft(session, reviewer, draft.id, at=AT)
    assert draft.status is DraftStatus.IN_REVIEW


async def test_a_version_published_meanwhile_is_not_overwritten(
    session, actor, reviewer, submitted, pack
):
    taken = replace(pack, version="2026.2", effective_from=NEXT_MONTH)
    await publish_policy(session, actor, taken, at=AT)
    with pytest.raises((DraftBroken, PolicyVersionTaken)):
        await drafting.publish_draft(session, reviewer, submitted.id, at=AT)


async def test_a_returned_draft_is_written_further_with_its_note(
    session, actor, reviewer, submitted
):
    with pytest.raises(InvalidInput):
        await drafting.return_draft(session, reviewer, submitted.id, "  ", at=AT)
    await drafting.return_draft(session, reviewer, submitted.id, "Which parts?", at=AT)
    assert (submitted.status, submitted.note) == (DraftStatus.WRITTEN, "Which parts?")
    await drafting.submit_draft(session, actor, submitted.id, at=AT)


async def test_what_is_in_review_is_not_changed(session, actor, submitted, saved):
    with pytest.raises(DraftElsewhere):
        await saved("else")
    await drafting.withdraw_draft(session, actor, submitted.id, at=AT)
    with pytest.raises(DraftElsewhere):
        await drafting.withdraw_draft(session, actor, submitted.id, at=AT)


async def test_two_who_save_at_once_do_not_overwrite_each_other(session, actor, draft, saved):
    read = draft.version
    await saved("mine: 1")
    with pytest.raises(Conflict):
        await drafting.save_draft(session, actor, draft.id, "yours: 1", version=read, at=AT)
    assert draft.pack == "mine: 1"


async def test_a_text_beyond_measure_is_refused(saved):
    with pytest.raises(InvalidInput):
        await saved("x" * (drafting.LARGEST_TEXT + 1))


async def test_the_lines_that_change_are_told(session, draft, pack, saved):
    assert await drafting.compare_draft(session, draft) == []
    await saved(replace(pack, version="2026.2"))
    lines = await drafting.compare_draft(session, draft)
    assert [line for line in lines if line[0] in "+-"] == [
        f"-version: '{pack.version}'",
        "+version: '2026.2'",
    ]


async def test_drafts_are_bounded(session, actor, version, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_OPEN", 1)
    await drafting.open_draft(session, actor, version.id, at=AT)
    with pytest.raises(TooManyDrafts):
        await drafting.open_draft(session, actor, version.id, at=AT)


async def test_who_may_not_write_or_publish_is_refused(session, make, version, submitted):
    reader = make.actor(permissions={Permission.READ_POLICY})
    writer = make.actor(permissions={Permission.WRITE_POLICY})
    with pytest.raises(NotPermitted):
        await drafting.open_draft(session, reader, version.id, at=AT)
    for verb in (drafting.submit_draft, drafting.withdraw_draft):
        with pytest.raises(NotPermitted):
            await verb(session, reader, submitted.id, at=AT)
    with pytest.raises(NotPermitted):
        await drafting.publish_draft(session, writer, submitted.id, at=AT)
    with pytest.raises(NotPermitted):
        await drafting.return_draft(session, writer, submitted.id, "no", at=AT)


async def test_what_is_not_there_is_not_found(session, actor):
    with pytest.raises(NotFound):
        await drafting.open_draft(session, actor, new_id(), at=AT)
    with pytest.raises(NotFound):
        await drafting.submit_draft(session, actor, new_id(), at=AT)
