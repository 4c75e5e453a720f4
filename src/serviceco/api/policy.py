"""Published policy in GraphQL."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.plan.fields import column, one, pages, to_one
from serviceco.api.plan.filters import equals
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.types import planned
from serviceco.api.tenancy import BrandType
from serviceco.core.actor import Permission
from serviceco.policy.tables import PolicyVersion


@planned(
    PolicyVersion,
    description="One immutable version of a brand's policy for this company.",
    needs=Permission.READ_POLICY,
)
class PolicyVersionType(Node):
    """GraphQL face of a policy version."""

    id: UUID = column(PolicyVersion.id, "Its id.")
    code: str = column(PolicyVersion.code, "The policy's code.")
    version: str = column(PolicyVersion.version, "The version's name.")
    effective_from: date = column(PolicyVersion.effective_from, "First day on which it decides.")
    sha256: str = column(PolicyVersion.sha256, "Hash of its canonical form, hexadecimal.")
    document: JSON = column(PolicyVersion.document, "The whole pack.")
    published_at: datetime = column(PolicyVersion.published_at, "When it was published.")
    brand: BrandType = to_one(PolicyVersion.brand_id, "Whose products it is for.")


@strawberry.type
class PolicyQueries:
    """Root fields of policy."""

    policy_versions: Connection[PolicyVersionType] = pages(
        "Published policy versions, newest first.",
        order_by=(PolicyVersion.effective_from.desc(), PolicyVersion.id.desc()),
        filters={"brand_id": equals(PolicyVersion.brand_id, "Only policies for this brand.")},
    )
    policy_version: PolicyVersionType | None = one(
        "One published policy version by its id.",
        by={"id": equals(PolicyVersion.id, "Its id.")},
    )


QUERIES = (PolicyQueries,)
