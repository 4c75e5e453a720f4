"""Imports and what they proposed, in GraphQL."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed
from serviceco.api.plan.fields import column, one, pages
from serviceco.api.plan.filters import equals
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.pages import MAX_PAGE, Connection
from serviceco.api.plan.types import planned
from serviceco.core.actor import Permission
from serviceco.core.refusals import InvalidInput
from serviceco.exchange import queries
from serviceco.exchange.tables import ImportRun
from serviceco.repairs.queries import count_orders_by_alias


@planned(ImportRun, description="One reading of one file.", needs=Permission.IMPORT_HISTORY)
class ImportRunType(Node):
    """GraphQL face of an import."""

    id: UUID = column(ImportRun.id, "Its id.")
    source: str = column(ImportRun.source, "The format, such as `ords`.")
    file_name: str = column(ImportRun.file_name, "Name of the file.")
    sha256: str = column(ImportRun.sha256, "Hash of the file, hexadecimal.")
    started_at: datetime = column(ImportRun.started_at, "When it began.")
    finished_at: datetime | None = column(ImportRun.finished_at, "When it ended.")
    imported: int = column(ImportRun.imported, "Rows that became orders.")
    unchanged: int = column(ImportRun.unchanged, "Rows that were here already.")
    changed: int = column(ImportRun.changed, "Rows that had changed.")
    rejected: int = column(ImportRun.rejected, "Rows that were not understood.")
    report: JSON = column(ImportRun.report, "Line numbers and reasons.")


@strawberry.type
class ExchangeQueries:
    """Root fields of exchange."""

    import_runs: Connection[ImportRunType] = pages(
        "Imports, newest first.",
        order_by=(ImportRun.started_at.desc(), ImportRun.id.desc()),
    )
    import_run: ImportRunType | None = one(
        "One import by its id.", by={"id": equals(ImportRun.id, "Its id.")}
    )


@strawberry.type(description="A brand that a printed name may mean.")
class BrandProposal:
    """GraphQL face of a proposal."""

    brand_id: UUID = strawberry.field(description="The brand.")
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="Its name.")
    likeness: int = strawberry.field(description="Likeness of the spellings, in percent.")


@strawberry.type(description="What one printed name may mean.")
class AliasProposals:
    """The proposals for an alias."""

    alias_id: UUID = strawberry.field(description="The printed name.")
    proposals: list[BrandProposal] = strawberry.field(description="Brands, best first.")


@computed("Brands that printed names may mean.", needs=Permission.MANAGE_BRANDS)
async def brand_proposals(call: Call, alias_ids: list[UUID]) -> list[AliasProposals]:
    """Propose brands for aliases."""
    if len(alias_ids) > MAX_PAGE:
        raise InvalidInput(f"Ask for at most {MAX_PAGE} names.", field="aliasIds")
    found = await queries.propose_brands(call.session, call.actor, alias_ids)
    return [
        AliasProposals(
            alias_id=alias_id,
            proposals=[
                BrandProposal(
                    brand_id=proposal.brand_id,
                    code=proposal.code,
                    name=proposal.name,
                    likeness=proposal.likeness,
                )
                for proposal in proposals
            ],
        )
        for alias_id, proposals in found.items()
    ]


@strawberry.type(description="How many orders one printed name stands for.")
class AliasOrders:
    """The orders of an alias."""

    alias_id: UUID = strawberry.field(description="The printed name.")
    order_count: int = strawberry.field(description="Orders of devices that bear it.")


@computed("How many orders printed names stand for, where any do.", needs=Permission.MANAGE_BRANDS)
async def alias_orders(call: Call, alias_ids: list[UUID]) -> list[AliasOrders]:
    """Count the orders of aliases."""
    if len(alias_ids) > MAX_PAGE:
        raise InvalidInput(f"Ask for at most {MAX_PAGE} names.", field="aliasIds")
    counted = await count_orders_by_alias(call.session, alias_ids)
    return [
        AliasOrders(alias_id=alias_id, order_count=count) for alias_id, count in counted.items()
    ]


QUERIES = (ExchangeQueries,)
COMPUTED = (brand_proposals, alias_orders)
