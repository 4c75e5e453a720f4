"""Drafts of intakes in GraphQL."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, mutation
from serviceco.api.plan.fields import column, many, one, to_one
from serviceco.api.plan.filters import equals
from serviceco.api.plan.types import planned
from serviceco.api.tenancy import BranchType, StaffType
from serviceco.core.actor import Permission
from serviceco.core.refusals import InvalidInput
from serviceco.repairs import drafts
from serviceco.repairs.tables import IntakeDraft


@planned(
    IntakeDraft,
    description="An intake that nobody has finished.",
    needs=Permission.RECEIVE_DEVICE,
    branch=IntakeDraft.branch_id,
)
class IntakeDraftType:
    """GraphQL face of a draft."""

    id: UUID = column(IntakeDraft.id, "Its id, chosen by the client.")
    fields: JSON = column(IntakeDraft.fields, "Lists of texts by the names of fields.")
    saved_at: datetime = column(IntakeDraft.saved_at, "When it was last saved.")
    staff: StaffType | None = to_one(IntakeDraft.staff_id, "Who saved it last.")


@strawberry.type
class DraftQueries:
    """Root fields of drafts."""

    intake_drafts: list[IntakeDraftType] = many(
        "The latest drafts, the newest first.",
        order_by=(IntakeDraft.saved_at.desc(), IntakeDraft.id),
        at_most=20,
        filters={"branch_id": equals(IntakeDraft.branch_id, "Only drafts of this branch.")},
    )
    intake_draft: IntakeDraftType | None = one(
        "One draft by its id.", by={"id": equals(IntakeDraft.id, "Its id.")}
    )


@mutation(
    IntakeDraftType,
    needs=Permission.RECEIVE_DEVICE,
    description="Keep an intake as far as it is typed; saving it again replaces it.",
)
async def save_intake_draft(call: Call, draft_id: UUID, branch_id: UUID, fields: JSON) -> UUID:
    """Save a draft."""
    if not isinstance(fields, dict):
        raise InvalidInput("A draft holds lists of texts by field.", field="fields")
    return await drafts.save_draft(
        call.session, call.actor, draft_id, branch_id, fields, at=call.at
    )


@mutation(
    BranchType,
    needs=Permission.RECEIVE_DEVICE,
    description="Delete a draft; the answer is the branch that it was of.",
)
async def discard_intake_draft(call: Call, draft_id: UUID) -> UUID:
    """Delete a draft."""
    return await drafts.discard_draft(call.session, call.actor, draft_id)


QUERIES = (DraftQueries,)
MUTATIONS = (save_intake_draft, discard_intake_draft)
