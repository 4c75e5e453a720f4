"""A branch under contract with one brand, and orders brought to where a test needs them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.operations import register_category, register_model, register_symptom
from serviceco.catalogue.words import ModelWord
from serviceco.core.actor import Actor, Permission
from serviceco.customers.words import CustomerGiven, DeviceGiven, ProofGiven
from serviceco.policy.operations import publish_policy
from serviceco.policy.words import (
    ClaimEvidence,
    ClaimRules,
    InspectionStep,
    LabourRate,
    LineKind,
    PartOffer,
    PayModel,
    PayTerms,
    ProofKind,
    SaleChannel,
    StepKind,
)
from serviceco.repairs.bench import check_quality, complete_repair, start_repair
from serviceco.repairs.inspection import answer_steps, conclude_inspection, start_inspection
from serviceco.repairs.intake import receive_device
from serviceco.repairs.lines import propose_line
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Answer, Intake, LineGiven, Outcome, StepOutcome, WorkDone
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Branch, Brand, Contract
from tests.factories import Factory
from tests.policy.factories import TEXT, policy

PAY = PayTerms(
    model=PayModel.PER_REPAIR,
    reimburses_parts=True,
    travel_pays_minor=2_000,
    travel_price_minor=5_000,
    diagnosis_price_minor=3_000,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
BOUGHT = date(2026, 3, 2)
LONG_AGO = date(2024, 1, 5)
IMEI = "356938035643809"
NAMES = {"zh_hans": "手机", "zh_hant": "手機", "en": "Phone"}

STEPS = (
    InspectionStep(code="power", title=TEXT, kind=StepKind.PASS_FAIL, finds=("no_power",)),
    InspectionStep(
        code="screen",
        title=TEXT,
        kind=StepKind.PASS_FAIL,
        component="display",
        finds=("cracked", "dead_pixels"),
    ),
    InspectionStep(
        code="current",
        title=TEXT,
        kind=StepKind.MEASURE,
        unit="mA",
        at_least=Decimal("0.5"),
        at_most=Decimal(80),
        finds=("leak",),
    ),
    InspectionStep(code="serial_photo", title=TEXT, kind=StepKind.PHOTO, required=False),
)
LABOUR = tuple(
    LabourRate(
        category="phone",
        level=level,
        title=TEXT,
        labour_minutes=30 * level,
        brand_pays_minor=4_000 * level,
        price_minor=6_000 * level,
    )
    for level in (1, 2, 3)
)
DISPLAY = PartOffer(
    part_no="D-1", title=TEXT, component="display", category="phone", cost_minor=30_000,
    price_minor=45_000,
)  # fmt: skip
BATTERY = PartOffer(
    part_no="B-1", title=TEXT, component="battery", category="phone", cost_minor=8_000,
    price_minor=12_000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shop:
    """One branch, its brand, and people who may do everything."""

    session: AsyncSession
    make: Factory
    actor: Actor
    branch: Branch
    brand: Brand
    contract: Contract
    category_id: UUID

    def device(self, **changes: Any) -> DeviceGiven:
        """A phone of the brand with a right IMEI."""
        given: dict[str, Any] = {"category": "phone", "brand": self.brand.code, "serial": IMEI}
        return DeviceGiven(**given | changes)

    def intake(self, *, bought: date | None = BOUGHT, **changes: Any) -> Intake:
        """A phone bought on that day, its screen black."""
        given: dict[str, Any] = {
            "branch_id": self.branch.id,
            "device": self.device(),
            "customer": CustomerGiven(phone="138 1234 5678", name="陈晓明"),
            "words": "昨天摔了一下,屏幕黑了",
            "symptom_codes": ("display",),
            "proofs": (invoice(bought),) if bought else (),
        }
        return Intake(**given | changes)

    async def received(self, *, at: datetime = NOON, **changes: Any) -> RepairOrder:
        """An order that waits for its inspection."""
        return await receive_device(self.session, self.actor, self.intake(**changes), at=at)

    async def inspected(
        self, *, answers: Iterable[Answer] = (), at: datetime = NOON, **changes: Any
    ) -> RepairOrder:
        """An order whose inspection is concluded; what is not answered has passed."""
        order = await self.received(at=at, **changes)
        await start_inspection(self.session, self.actor, order.number, at=at)
        given = {answer.step_code: answer for answer in (*PASSED, *answers)}
        await answer_steps(self.session, self.actor, order.number, list(given.values()), at=at)
        return await conclude_inspection(self.session, self.actor, order.number, at=at)

    async def diagnosed(self, *lines: LineGiven, **changes: Any) -> RepairOrder:
        """An inspected order with lines, a display and its labour by default."""
        order = await self.inspected(**changes)
        at = changes.get("at", NOON)
        for line in lines or (part("D-1"), labour(2)):
            order = await propose_line(self.session, self.actor, order.number, line, at=at)
        return order

    async def completed(self, *lines: LineGiven, **changes: Any) -> RepairOrder:
        """An order in warranty that the shop's actor repaired, before its quality check."""
        order = await self.diagnosed(*lines, **changes)
        at = changes.get("at", NOON)
        await start_repair(self.session, self.actor, order.number, at=at)
        return await complete_repair(self.session, self.actor, order.number, DONE, at=at)

    async def ready(self, *lines: LineGiven, **changes: Any) -> RepairOrder:
        """An order in warranty that waits for its customer."""
        order = await self.completed(*lines, **changes)
        at = changes.get("at", NOON)
        return await check_quality(
            self.session, await self.colleague(), order.number, passed=True, at=at
        )

    def without(self, permission: Permission) -> Actor:
        """Somebody who may do everything but this."""
        return self.make.actor(permissions=frozenset(Permission) - {permission})

    async def colleague(self) -> Actor:
        """Somebody else on the staff who may do everything."""
        return self.make.actor(staff=await self.make.staff())

    async def elsewhere(self) -> Actor:
        """Somebody of another branch."""
        return self.make.actor(branches=[await self.make.branch()])


PASSED = (
    Answer(step_code="power", outcome=StepOutcome.PASS),
    Answer(step_code="screen", outcome=StepOutcome.PASS),
    Answer(step_code="current", reading="12.5"),
)
DONE = WorkDone(
    outcome=Outcome.REPAIRED,
    fault_note="显示排线脱落",
    remedy_note="更换显示屏",
    labour_minutes=35,
)


def invoice(on: date) -> ProofGiven:
    """An invoice that staff have seen."""
    return ProofGiven(kind=ProofKind.INVOICE, dated_on=on, number="F-7", channel=SaleChannel.DEALER)


def part(number: str, **changes: Any) -> LineGiven:
    """A part of the policy's list."""
    return LineGiven(line=LineKind.PART, code=number, **changes)


def labour(level: int) -> LineGiven:
    """Labour of a repair level."""
    return LineGiven(line=LineKind.LABOUR, repair_level=level)


CLAIMS = ClaimRules(
    rule="C-1",
    clause="1",
    deadline_days=30,
    evidence=(ClaimEvidence.PROOF_OF_PURCHASE, ClaimEvidence.SIGNED_SLIP),
)


async def open_shop(make: Factory, *, repair_level: int = 3) -> Shop:
    """A branch that may repair the brand's phones, with registers and a policy in force."""
    branch, brand = await make.branch(), await make.brand()
    operator = system_actor(make.tenant_id)
    async with global_work(make.admin_engine) as session:
        category_id = await register_category(
            session, operator, "phone", names=NAMES, ords_id=19, takes_imei=True
        )
        await register_category(session, operator, "laptop", names=NAMES, ords_id=16)
        await register_symptom(
            session, operator, "display", category_id=category_id, names=NAMES, position=1
        )
        model = ModelWord(
            code="XH-A5",
            brand_id=brand.id,
            category_id=category_id,
            name="A5",
            tac_prefixes=(IMEI[:8],),
        )
        await register_model(session, operator, model)
    contract = await make.contract(brand=brand, branches=[branch], repair_level=repair_level)
    words = policy(
        brand=brand.code,
        inspection={"phone": STEPS},
        findings={code: TEXT for step in STEPS for code in step.finds},
        labour=LABOUR,
        parts=(DISPLAY, BATTERY),
        pay=PAY,
        claims=CLAIMS,
    )
    await publish_policy(make.session, operator, words, at=NOON)
    actor = make.actor(staff=await make.staff())
    return Shop(make.session, make, actor, branch, brand, contract, category_id)
