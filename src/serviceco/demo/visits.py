"""Plays one story through the operations, each by the person whose work it is, up to the present."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import take_payment
from serviceco.billing.quotes import decide_quote, send_quote
from serviceco.billing.words import ApprovalChannel, PaymentMethod
from serviceco.claims.operations import open_claim, submit_claim
from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Actor, Permission
from serviceco.demo.clocks import Clock, NotYet
from serviceco.demo.companies import Cast
from serviceco.demo.findings import answers_to
from serviceco.demo.pictures import picture_of
from serviceco.demo.speech import accessories, note
from serviceco.demo.stories import Story, Trouble, Wish
from serviceco.policy.words import ClaimEvidence, LineKind, StepKind
from serviceco.repairs.bench import (
    cancel_order,
    check_quality,
    complete_repair,
    start_repair,
    wait_for_parts,
)
from serviceco.repairs.coverage import read_standard
from serviceco.repairs.inspection import (
    answer_steps,
    conclude_inspection,
    start_inspection,
)
from serviceco.repairs.intake import receive_device
from serviceco.repairs.lines import propose_line
from serviceco.repairs.photos import add_photo
from serviceco.repairs.queries import list_lines
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import (
    Intake,
    LineGiven,
    Outcome,
    PartFitted,
    RepairStatus,
    ServiceMode,
    WorkDone,
)
from serviceco.storage.files import Files
from serviceco.tenancy.rules import system_actor

# The slots of the photos that a brand may ask for with a claim (claims/rules.py).
_SLOTS = {
    ClaimEvidence.SERIAL_PHOTO: "serial",
    ClaimEvidence.FAULT_PHOTO: "fault",
    ClaimEvidence.SIGNED_SLIP: "signed_slip",
}


class Visit:
    """One story on its way through a branch, in one unit of work."""

    def __init__(
        self, session: AsyncSession, cast: Cast, files: Files, story: Story, clock: Clock
    ) -> None:
        """Bring the people of the story's branch together."""
        self._session = session
        self._cast = cast
        self._files = files
        self._story = story
        self._clock = clock
        self._dice = Random(f"{cast.pack.slug}-{story.seed}")  # noqa: S311 - repeatable
        self._language = cast.pack.language
        self._desk = cast.somebody(Permission.RECEIVE_DEVICE, story.branch)
        self._bench = cast.somebody(Permission.REPAIR, story.branch)
        self._policy = cast.policies[story.device.brand or ""]
        # What the brand wants to see with a claim; careless staff do not think of it.
        self._asked = frozenset() if story.is_careless else frozenset(self._policy.claims.evidence)
        self._order: RepairOrder

    async def play(self) -> None:
        """Live through the story until its end, or until the present."""
        await self._receive()
        try:
            if self._story.wish is Wish.CANCEL:
                await self._cancel()
                return
            await self._inspect()
            await self._agree()
            if self._order.status is not RepairStatus.READY:
                await self._repair()
            await self._return()
            await self._claim()
        except NotYet:
            return

    async def _receive(self) -> None:
        story = self._story
        intake = Intake(
            branch_id=self._cast.branches[story.branch],
            device=story.device,
            customer=story.customer,
            words=story.words,
            words_language=self._language,
            symptom_codes=(story.symptom.code,),
            accessories=accessories(self._dice, self._language),
            proofs=story.proofs,
            mode=story.mode,
            promised_at=story.received_at + timedelta(days=3),
        )
        self._order = await receive_device(self._session, self._desk, intake, at=story.received_at)
        if ClaimEvidence.SIGNED_SLIP in self._asked:
            await self._photograph(self._desk, _SLOTS[ClaimEvidence.SIGNED_SLIP])

    async def _cancel(self) -> None:
        at = self._clock.later(0.5, 4)
        reason = note(self._language, "cancelled")
        await cancel_order(self._session, self._desk, self._number, reason=reason, at=at)

    async def _inspect(self) -> None:
        at = self._clock.later(0.3, 8)
        await start_inspection(self._session, self._bench, self._number, at=at)
        at = self._clock.later(0.2, 1)
        standard = await read_standard(self._session, self._order)
        slots = {step.code for step in standard if step.kind is StepKind.PHOTO and step.required}
        asked = {_SLOTS[kind] for kind in self._asked if kind in _SLOTS}
        for slot in sorted(slots | asked - {_SLOTS[ClaimEvidence.SIGNED_SLIP]}):
            await self._photograph(self._bench, slot)
        answers = answers_to(self._dice, standard, self._policy, self._story)
        await answer_steps(self._session, self._bench, self._number, answers, at=at)
        for line in self._lines():
            await propose_line(self._session, self._bench, self._number, line, at=at)
        at = self._clock.later(0.1, 0.5)
        await conclude_inspection(self._session, self._bench, self._number, at=at)

    def _lines(self) -> list[LineGiven]:
        lines = []
        if self._story.mode is ServiceMode.ON_SITE:
            lines.append(LineGiven(line=LineKind.TRAVEL))
        if self._story.trouble is Trouble.NOTHING:
            return [*lines, LineGiven(line=LineKind.DIAGNOSIS)]
        lines.append(LineGiven(line=LineKind.LABOUR, repair_level=self._story.level))
        if self._story.part:
            lines.append(LineGiven(line=LineKind.PART, code=self._story.part.part_no))
        return lines

    async def _agree(self) -> None:
        """Ask the customer where they have a share; those who travel are paid before."""
        if not self._order.customer_minor:
            return
        at = self._clock.later(0.1, 3)
        await send_quote(self._session, self._desk, self._number, at=at)
        if self._story.wish is Wish.SILENT:
            raise NotYet
        at = self._clock.later(0.2, 26)
        await decide_quote(
            self._session,
            self._desk,
            self._number,
            approved=self._story.wish is Wish.REPAIR,
            channel=self._dice.choice((ApprovalChannel.COUNTER, ApprovalChannel.PHONE)),
            note="" if self._story.wish is Wish.REPAIR else note(self._language, "declined"),
            at=at,
        )
        if self._story.mode is not ServiceMode.CARRY_IN and self._story.wish is Wish.REPAIR:
            await self._pay()

    async def _repair(self) -> None:
        if self._story.waits_for_parts and self._story.part:
            at = self._clock.later(0.2, 4)
            await wait_for_parts(self._session, self._bench, self._number, at=at)
            self._clock.later(30, 200)
        at = self._clock.later(0.2, 6)
        await start_repair(self._session, self._bench, self._number, at=at)
        await self._finish()
        inspector = self._cast.somebody(
            Permission.CHECK_QUALITY, self._story.branch, but=self._bench
        )
        if self._story.fails_check:
            await self._check(inspector, passed=False)
            await self._finish()
        await self._check(inspector, passed=True)

    async def _finish(self) -> None:
        at = self._clock.later(0.4, 3)
        lines = await list_lines(self._session, self._order.id)
        fitted = [line.id for line in lines if line.line is LineKind.PART]
        work = self._work(() if self._story.is_careless else fitted)
        await complete_repair(self._session, self._bench, self._number, work, at=at)

    def _work(self, fitted: Sequence[UUID]) -> WorkDone:
        story, language = self._story, self._language
        part = story.part.title.in_language(language) if story.part else ""
        found = note(language, "fault", story.symptom.title.in_language(language))
        minutes = self._dice.randrange(10, 90, 5)
        if story.trouble is Trouble.NOTHING:
            nothing, outcome = note(language, "nothing"), Outcome.NO_FAULT_FOUND
            return WorkDone(
                outcome=outcome, fault_note=nothing, remedy_note=nothing, labour_minutes=minutes
            )
        return WorkDone(
            outcome=Outcome.REPAIRED if part else Outcome.ADJUSTED,
            fault_note=found,
            remedy_note=note(language, "replaced" if part else "adjusted", part),
            labour_minutes=minutes,
            parts=tuple(
                PartFitted(line_id=line, new_serial=self._serial(), old_serial=self._serial())
                for line in fitted
            ),
        )

    def _serial(self) -> str:
        return f"P{self._dice.randrange(10**9):09d}"

    async def _check(self, inspector: Actor, *, passed: bool) -> None:
        at = self._clock.later(0.1, 5)
        words = "" if passed else note(self._language, "failed")
        await check_quality(
            self._session, inspector, self._number, passed=passed, note=words, at=at
        )

    async def _return(self) -> None:
        if self._story.is_forgotten:
            raise NotYet
        self._clock.later(0.5, 60)
        await self._pay()
        await hand_over(
            self._session,
            self._desk,
            self._number,
            accessories=self._order.accessories,
            at=self._clock.later(0.05, 0.2),
        )

    async def _pay(self) -> None:
        due_minor = self._order.customer_minor - self._order.paid_minor
        if due_minor > 0:
            await take_payment(
                self._session,
                self._desk,
                self._number,
                amount_minor=due_minor,
                method=self._method(),
                at=self._clock.later(0.02, 0.1),
            )

    async def _claim(self) -> None:
        """Let the worker open the claim, and finance submit what is complete some days later."""
        operator = system_actor(self._cast.tenant_id)
        at = self._clock.later(0.01, 0.02)
        claim = await open_claim(self._session, operator, self._order.id, at=at)
        finance = self._cast.somebody(Permission.SUBMIT_CLAIM, self._story.branch)
        at = self._clock.later(24, 140)
        if claim is not None and claim.status is ClaimStatus.OPEN:
            await submit_claim(self._session, finance, claim.id, at=at)

    async def _photograph(self, person: Actor, slot: str) -> None:
        await add_photo(
            self._session,
            person,
            self._number,
            files=self._files,
            slot=slot,
            content=picture_of(slot, self._dice.randrange(30)),
            at=self._clock.now,
        )

    def _method(self) -> PaymentMethod:
        if self._cast.pack.country == "CN":
            wallets = (PaymentMethod.WECHAT, PaymentMethod.ALIPAY)
            return self._dice.choice((*wallets, PaymentMethod.CASH))
        return self._dice.choice((PaymentMethod.CARD, PaymentMethod.CASH))

    @property
    def _number(self) -> str:
        return self._order.number
