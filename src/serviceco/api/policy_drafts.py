"""Drafts of policies in GraphQL: writing, checking, reviewing, publishing."""

from datetime import datetime
from uuid import UUID

import strawberry

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.fields import column, one, pages, to_one
from serviceco.api.plan.filters import equals, one_of
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.types import planned
from serviceco.api.policy import PolicyVersionType
from serviceco.api.tenancy import BrandType
from serviceco.core.actor import Permission
from serviceco.policy import drafting
from serviceco.policy.proofreading import proofread
from serviceco.policy.tables import PolicyDraft
from serviceco.policy.words import DraftStatus

strawberry.enum(
    DraftStatus, name="PolicyDraftStatus", description="Where a draft of a policy stands."
)


@planned(
    PolicyDraft,
    description="A policy that is being written; publishing it makes a version.",
    needs=Permission.READ_POLICY,
)
class PolicyDraftType:
    """GraphQL face of a draft."""

    id: UUID = column(PolicyDraft.id, "Its id.")
    status: DraftStatus = column(PolicyDraft.status, "Where it stands.")
    text: str = column(PolicyDraft.pack, "The pack as it is edited, in YAML.")
    note: str = column(PolicyDraft.note, "What the review wanted mended, if it was given back.")
    version: int = column(PolicyDraft.version, "Rises with each change; send it back to save.")
    created_at: datetime = column(PolicyDraft.created_at, "When it was begun.")
    changed_at: datetime = column(PolicyDraft.changed_at, "When it was last saved.")
    changed_by: UUID = column(PolicyDraft.changed_by, "Whose account saved it last.")
    submitted_at: datetime | None = column(PolicyDraft.submitted_at, "When it went to review.")
    submitted_by: UUID | None = column(PolicyDraft.submitted_by, "Whose account sent it there.")
    decided_at: datetime | None = column(
        PolicyDraft.decided_at, "When it was given back, published or withdrawn."
    )
    brand: BrandType = to_one(PolicyDraft.brand_id, "Whose products it is for.")
    based_on: PolicyVersionType | None = to_one(
        PolicyDraft.based_on_id, "The version from which it was begun."
    )
    published: PolicyVersionType | None = to_one(
        PolicyDraft.published_id, "The version that it became."
    )


@strawberry.type
class PolicyDraftQueries:
    """Root fields of drafts."""

    policy_drafts: Connection[PolicyDraftType] = pages(
        "Drafts of policies, the latest first.",
        order_by=(PolicyDraft.id.desc(),),
        filters={
            "brand_id": equals(PolicyDraft.brand_id, "Only drafts for this brand."),
            "status": one_of(PolicyDraft.status, "Only those that stand so."),
        },
    )
    policy_draft: PolicyDraftType | None = one(
        "One draft by its id.", by={"id": equals(PolicyDraft.id, "Its id.")}
    )


@strawberry.type(description="What the check says of a place in a draft.")
class PolicyFinding:
    """GraphQL face of a finding."""

    line: int = strawberry.field(description="The line, from 1.")
    column: int = strawberry.field(description="The column, from 1.")
    message: str = strawberry.field(description="What is wrong, in English, as editors show it.")
    is_warning: bool = strawberry.field(description="Whether the draft may go on all the same.")


@computed(
    "What the check says of a draft: its form, its references, its own tests, the law.",
    needs=Permission.READ_POLICY,
)
async def policy_draft_findings(call: Call, policy_draft_id: UUID) -> list[PolicyFinding]:
    """Check a draft."""
    proof = await proofread(call.session, await drafting.find_draft(call.session, policy_draft_id))
    return [
        PolicyFinding(
            line=finding.line,
            column=finding.column,
            message=finding.message,
            is_warning=finding.is_warning,
        )
        for finding in proof.findings
    ]


@strawberry.type(description="A line of a draft, beside what it was begun from.")
class PolicyChange:
    """GraphQL face of a line of a comparison."""

    kind: str = strawberry.field(description="`+` added, `-` left out, ` ` as it was, `@` a gap.")
    text: str = strawberry.field(description="The line.")


@computed(
    "What a draft changes in the version from which it was begun.", needs=Permission.READ_POLICY
)
async def policy_draft_changes(call: Call, policy_draft_id: UUID) -> list[PolicyChange]:
    """Compare a draft."""
    draft = await drafting.find_draft(call.session, policy_draft_id)
    lines = await drafting.compare_draft(call.session, draft)
    return [PolicyChange(kind=line[0], text=line[1:]) for line in lines]


@mutation(
    PolicyDraftType,
    needs=Permission.WRITE_POLICY,
    description="Begin a draft from a published version; from an older one to roll back.",
)
async def open_policy_draft(call: Call, version_id: UUID) -> UUID:
    """Begin a draft."""
    return (await drafting.open_draft(call.session, call.actor, version_id, at=call.at)).id


@mutation(
    PolicyDraftType,
    needs=Permission.WRITE_POLICY,
    description="Keep the text of a draft, whether it can be read or not.",
)
async def save_policy_draft(call: Call, policy_draft_id: UUID, text: str, version: int) -> UUID:
    """Save a draft."""
    draft = await drafting.save_draft(
        call.session, call.actor, policy_draft_id, text, version=version, at=call.at
    )
    return draft.id


@mutation(
    PolicyDraftType,
    needs=Permission.WRITE_POLICY,
    description="Hold a draft in which the check found no fault ready for review.",
)
async def submit_policy_draft(call: Call, policy_draft_id: UUID) -> UUID:
    """Submit a draft."""
    return (await drafting.submit_draft(call.session, call.actor, policy_draft_id, at=call.at)).id


@mutation(
    PolicyDraftType,
    needs=Permission.PUBLISH_POLICY,
    description="Give a draft back to be written further, and say what to mend.",
)
async def return_policy_draft(call: Call, policy_draft_id: UUID, note: str) -> UUID:
    """Return a draft."""
    return (
        await drafting.return_draft(call.session, call.actor, policy_draft_id, note, at=call.at)
    ).id


@mutation(
    PolicyDraftType,
    needs=Permission.PUBLISH_POLICY,
    description="Publish a draft that somebody else wrote, to decide from its day on.",
)
async def publish_policy_draft(call: Call, policy_draft_id: UUID) -> UUID:
    """Publish a draft."""
    return (await drafting.publish_draft(call.session, call.actor, policy_draft_id, at=call.at)).id


@mutation(
    PolicyDraftType, needs=Permission.WRITE_POLICY, description="End a draft that is not wanted."
)
async def withdraw_policy_draft(call: Call, policy_draft_id: UUID) -> UUID:
    """Withdraw a draft."""
    return (await drafting.withdraw_draft(call.session, call.actor, policy_draft_id, at=call.at)).id


QUERIES = (PolicyDraftQueries,)
COMPUTED = (policy_draft_findings, policy_draft_changes)
MUTATIONS = (
    open_policy_draft,
    save_policy_draft,
    submit_policy_draft,
    return_policy_draft,
    publish_policy_draft,
    withdraw_policy_draft,
)
