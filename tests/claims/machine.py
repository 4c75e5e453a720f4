"""A machine that takes orders anywhere the verbs let them go, and looks at the books after each step.

It is told nothing of which step is allowed: refusals are as good as steps, as long as the books
stay right.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import date, timedelta
from threading import Thread
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from stdnum import luhn

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import refund_payment, take_payment
from serviceco.billing.quotes import decide_quote, send_quote
from serviceco.billing.words import ApprovalChannel, PaymentMethod
from serviceco.claims.operations import open_claim, submit_claim
from serviceco.claims.reconciliation import list_unexplained
from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.core.refusals import Refusal
from serviceco.ledger.operations import open_chart
from serviceco.ledger.queries import verify_ledger
from serviceco.repairs.bench import check_quality, complete_repair, start_repair
from serviceco.repairs.inspection import answer_steps, conclude_inspection, start_inspection
from serviceco.repairs.intake import receive_device
from serviceco.repairs.lines import propose_line, remove_line
from serviceco.repairs.queries import list_lines
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Answer, LineGiven, RepairStatus, StepOutcome
from serviceco.repairs.work_tables import Photo
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from tests.factories import Factory, tenant_row
from tests.repairs.shop import (
    BOUGHT,
    DONE,
    IMEI,
    LONG_AGO,
    NOON,
    PASSED,
    labour,
    open_shop,
    part,
)

Verb = Callable[..., Awaitable[Any]]
MOST_ORDERS = 2
NTH = st.integers(0, MOST_ORDERS - 1)
Result = TypeVar("Result")
LINES = (part("D-1"), part("B-1", quantity=2), labour(1), labour(3))
SOME_LINES = st.lists(st.sampled_from(LINES), max_size=3)
CRACKED = Answer(step_code="screen", outcome=StepOutcome.FAIL, finding_code="cracked")


class Loop:
    """An event loop in a thread of its own, for a machine that has none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Company:
    """One company's verbs, in one transaction that is never committed."""

    def __init__(self, owner_url: str) -> None:
        self.reached: set[str] = set()
        self._owner_url = owner_url
        self._stack = AsyncExitStack()
        self._at = NOON
        self.orders: list[RepairOrder] = []

    async def open(self) -> None:
        """Open the books and the shop."""
        app, admin = (
            open_engine(role_url(self._owner_url, role), pool_size=1)
            for role in (Role.APP, Role.ADMIN)
        )
        self._stack.push_async_callback(app.dispose)
        self._stack.push_async_callback(admin.dispose)
        tenant_id = new_id()
        async with global_work(admin) as registry:
            registry.add(tenant_row(tenant_id))
        self.session = await self._stack.enter_async_context(unit_of_work(app, tenant_id))
        self._stack.push_async_callback(self.session.rollback)
        make = Factory(self.session, tenant_id, admin)
        self.shop = await open_shop(make)
        self.checker = await self.shop.colleague()
        await open_chart(self.session, self.shop.actor)

    async def close(self) -> None:
        """Forget everything."""
        await self._stack.aclose()

    async def attempt(
        self, verb: Verb, *given: Any, actor: Actor | None = None, **named: Any
    ) -> Any:
        """Run a verb; a refusal leaves nothing behind and is None."""
        self._at += timedelta(minutes=7)
        try:
            async with self.session.begin_nested():
                return await verb(
                    self.session, actor or self.shop.actor, *given, **named, at=self._at
                )
        except Refusal:
            return None

    async def receive(self, bought: date | None, lines: Sequence[LineGiven]) -> None:
        """Take in one more device, each with an IMEI of its own; with lines, it is inspected."""
        stem = f"{IMEI[:8]}{len(self.orders):06d}"
        device = self.shop.device(serial=stem + luhn.calc_check_digit(stem))
        intake = self.shop.intake(bought=bought, device=device)
        order = await self.attempt(receive_device, intake)
        self.orders.append(order)
        if lines:
            await self.inspect(order, [])
        for line in lines:
            await self.attempt(propose_line, order.number, line)

    async def inspect(self, order: RepairOrder, answers: Sequence[Answer]) -> None:
        """Answer the standard from end to end."""
        await self.attempt(start_inspection, order.number)
        given = {answer.step_code: answer for answer in (*PASSED, *answers)}
        await self.attempt(answer_steps, order.number, list(given.values()))
        await self.attempt(conclude_inspection, order.number)

    async def remove_first(self, order: RepairOrder) -> None:
        """Take a line off."""
        lines = await list_lines(self.session, order.id)
        if lines:
            await self.attempt(remove_line, order.number, lines[0].id)

    async def answer(self, order: RepairOrder, *, approved: bool) -> None:
        """Keep what the customer said to the quote."""
        if await self.attempt(
            decide_quote,
            order.number,
            approved=approved,
            channel=ApprovalChannel.COUNTER,
            note="at the counter",
        ):
            self.reached.add("approved" if approved else "declined")

    async def pay(self, order: RepairOrder, amount_minor: int, method: PaymentMethod) -> None:
        """Take money."""
        given: dict[str, Any] = {"amount_minor": amount_minor, "method": method}
        if await self.attempt(take_payment, order.number, **given):
            self.reached.add("paid")

    async def refund(self, order: RepairOrder, amount_minor: int) -> None:
        """Give money back."""
        given: dict[str, Any] = {"amount_minor": amount_minor, "method": PaymentMethod.CASH}
        if await self.attempt(refund_payment, order.number, **given):
            self.reached.add("refunded")

    async def work(self, order: RepairOrder, *, passed: bool) -> None:
        """Repair and check."""
        await self.attempt(start_repair, order.number)
        await self.attempt(complete_repair, order.number, DONE)
        await self.attempt(check_quality, order.number, passed=passed, actor=self.checker)

    async def leave(self, order: RepairOrder) -> None:
        """Hand the device over."""
        if await self.attempt(hand_over, order.number, accessories=[]):
            self.reached.add("handed over")

    async def claim(self, order: RepairOrder) -> None:
        """Open the order's claim, with the slip that its brand asks for, and submit it."""
        self.session.add(
            Photo(
                tenant_id=order.tenant_id,
                id=new_id(),
                order_id=order.id,
                slot="signed_slip",
                sha256="0" * 64,
                media_type="image/jpeg",
                size_bytes=1,
                width=1,
                height=1,
                taken_at=self._at,
                taken_by=self.shop.actor.account_id,
            )
        )
        claim = await self.attempt(open_claim, order.id)
        if claim and await self.attempt(submit_claim, claim.id):
            self.reached.add("claimed")

    async def go_on(self, order: RepairOrder) -> None:
        """Do what staff would do next."""
        due = order.customer_minor - order.paid_minor
        if order.status is RepairStatus.RECEIVED:
            await self.inspect(order, [])
        elif order.status is RepairStatus.CLOSED:
            await self.claim(order)
        elif order.status is RepairStatus.READY:
            await self.pay(order, due, PaymentMethod.CARD)
            await self.refund(order, -due)
            await self.leave(order)
        elif order.customer_minor and order.approved_at is None:
            await self.attempt(send_quote, order.number)
            await self.answer(order, approved=True)
        else:
            await self.work(order, passed=True)

    async def differences(self) -> list[object]:
        """What is wrong with the books."""
        proof = await verify_ledger(self.session)
        return [*proof.flaws, *await list_unexplained(self.session)]


class Money(RuleBasedStateMachine):
    """Verbs in any order, on up to two orders, with the books looked at after each."""

    owner_url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop()
        self.company = Company(self.owner_url)
        self.loop.run(self.company.open())

    def teardown(self) -> None:
        self.loop.run(self.company.close())
        self.loop.close()

    @initialize(bought=st.sampled_from([BOUGHT, LONG_AGO]), lines=SOME_LINES)
    def first(self, bought: date, lines: list[LineGiven]) -> None:
        self.receive(bought, lines)

    @precondition(lambda self: len(self.company.orders) < MOST_ORDERS)
    @rule(bought=st.sampled_from([BOUGHT, LONG_AGO, None]), lines=SOME_LINES)
    def receive(self, bought: date | None, lines: list[LineGiven]) -> None:
        self.loop.run(self.company.receive(bought, lines))

    @rule(n=NTH)
    def go_on(self, n: int) -> None:
        self.loop.run(self.company.go_on(self.order(n)))

    @rule(n=NTH, cracked=st.booleans())
    def inspect(self, n: int, *, cracked: bool) -> None:
        self.loop.run(self.company.inspect(self.order(n), [CRACKED] if cracked else []))

    @rule(n=NTH, line=st.sampled_from(LINES))
    def propose(self, n: int, line: LineGiven) -> None:
        self.loop.run(self.company.attempt(propose_line, self.order(n).number, line))

    @rule(n=NTH)
    def remove(self, n: int) -> None:
        self.loop.run(self.company.remove_first(self.order(n)))

    @rule(n=NTH)
    def overpay(self, n: int) -> None:
        self.quote(n, approved=True)
        self.pay(n, 0, PaymentMethod.CASH)
        self.remove(n)

    @rule(n=NTH, approved=st.booleans())
    def quote(self, n: int, *, approved: bool) -> None:
        order = self.order(n)
        self.loop.run(self.company.attempt(send_quote, order.number))
        self.loop.run(self.company.answer(order, approved=approved))

    @rule(n=NTH, share=st.sampled_from([0, 1, 2, 3]), method=st.sampled_from(PaymentMethod))
    def pay(self, n: int, share: int, method: PaymentMethod) -> None:
        order = self.order(n)
        due = order.customer_minor - order.paid_minor
        self.loop.run(self.company.pay(order, (due, due // 2, 1, due + 1)[share], method))

    @rule(n=NTH, more=st.integers(0, 1))
    def refund(self, n: int, more: int) -> None:
        order = self.order(n)
        over = order.paid_minor - order.customer_minor
        self.loop.run(self.company.refund(order, over + more))

    @rule(n=NTH, passed=st.booleans())
    def work(self, n: int, *, passed: bool) -> None:
        self.loop.run(self.company.work(self.order(n), passed=passed))

    @rule(n=NTH)
    def leave(self, n: int) -> None:
        self.loop.run(self.company.leave(self.order(n)))

    @rule(n=NTH)
    def claim(self, n: int) -> None:
        self.loop.run(self.company.claim(self.order(n)))

    @invariant()
    def the_books_are_right(self) -> None:
        assert self.loop.run(self.company.differences()) == []

    def order(self, n: int) -> RepairOrder:
        return self.company.orders[n % len(self.company.orders)]
