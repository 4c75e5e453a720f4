from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.policy.words import Payer
from serviceco.repairs.rules import (
    OPEN,
    TRANSITIONS,
    days_in_repair,
    days_waiting_for_parts,
    earlier_repairs,
    find_obstacle,
    find_open,
    find_repeat,
    find_serial_fault,
    next_step,
    open_steps,
    sums_by_payer,
)
from serviceco.repairs.words import Outcome, RepairStatus, ServiceMode, Step, Visit

EVERYTHING = frozenset(Permission)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
S = RepairStatus


@dataclass
class Order:
    """An order as far as the state machine knows it."""

    status: RepairStatus = S.RECEIVED
    mode: ServiceMode = ServiceMode.CARRY_IN
    diagnosed_at: datetime | None = None
    approved_at: datetime | None = None
    released_at: datetime | None = None
    customer_minor: int = 0
    paid_minor: int = 0

    def take(self, step: Step) -> None:
        transition = TRANSITIONS[step]
        self.status = transition.target
        if transition.moment in {"diagnosed_at", "approved_at"}:
            setattr(self, transition.moment, NOON)

    def settle(self) -> None:
        """Do what billing does: the customer pays their share."""
        self.paid_minor, self.released_at = self.customer_minor, NOON


ORDERS = st.builds(
    Order,
    mode=st.sampled_from(ServiceMode),
    customer_minor=st.sampled_from([0, 9_900]),
)


@given(ORDERS, st.lists(st.integers(0, 11), max_size=40))
def test_no_way_through_leaves_out_what_the_trade_demands(order: Order, choices: list[int]) -> None:
    taken: list[Step] = []
    for choice in choices:
        steps = open_steps(order, EVERYTHING)
        if not steps:
            assert order.status not in OPEN or order.mode is not ServiceMode.CARRY_IN
            break
        step = steps[choice % len(steps)]
        order.take(step)
        taken.append(step)
        if step in {Step.START_REPAIR, Step.WAIT_FOR_PARTS, Step.COMPLETE_REPAIR}:
            assert Step.CONCLUDE_INSPECTION in taken
            assert order.customer_minor == 0 or Step.APPROVE in taken
            assert order.customer_minor == 0 or order.mode is ServiceMode.CARRY_IN
        if step is Step.HAND_OVER:
            assert {Step.PASS_QUALITY, Step.DECLINE} & set(taken)


@given(ORDERS)
def test_following_the_next_step_brings_every_order_to_its_customer(order: Order) -> None:
    steps = []
    while order.status in OPEN:
        step = next_step(order, EVERYTHING)
        if step is None:
            order.settle()
            step = next_step(order, EVERYTHING)
        assert step is not None
        order.take(step)
        steps.append(step)
        assert len(steps) < 12
    assert order.status is S.CLOSED
    assert steps[-3:] == [Step.COMPLETE_REPAIR, Step.PASS_QUALITY, Step.HAND_OVER]


@pytest.mark.parametrize("status", [S.CLOSED, S.CANCELLED])
def test_what_has_ended_stays_so(status: RepairStatus) -> None:
    order = Order(status=status, diagnosed_at=NOON, approved_at=NOON, released_at=NOON)
    assert open_steps(order, EVERYTHING) == []
    assert next_step(order, EVERYTHING) is None


def test_every_open_status_has_a_step_forward() -> None:
    for status in OPEN:
        order = Order(status=status, diagnosed_at=NOON)
        assert next_step(order, EVERYTHING) is not None


@pytest.mark.parametrize("step", Step)
def test_somebody_elses_step_is_not_offered(step: Step) -> None:
    source = min(TRANSITIONS[step].sources)
    order = Order(status=source, diagnosed_at=NOON, approved_at=NOON, released_at=NOON)
    mine = EVERYTHING - {TRANSITIONS[step].permission}
    assert find_obstacle(order, step) is None
    assert step in open_steps(order, EVERYTHING)
    assert step not in open_steps(order, mine)


def test_an_obstacle_names_status_and_step() -> None:
    refusal = find_obstacle(Order(), Step.HAND_OVER)
    assert refusal is not None
    assert refusal.facts == {"status": "received", "step": "hand_over"}


def visit(**changes: Any) -> Visit:
    values: dict[str, Any] = {
        "order_id": new_id(),
        "number": "1",
        "outcome": Outcome.REPAIRED,
        "received_at": NOON - timedelta(days=3),
        "ready_at": NOON - timedelta(days=1),
        "closed_at": NOON,
        "done": ((Payer.BRAND, "display"), (Payer.BRAND, None), (Payer.CUSTOMER, "battery")),
    }
    return Visit(**values | changes)


@pytest.mark.parametrize(
    ("changes", "after", "days"),
    [
        ({}, timedelta(0), 0),
        ({"outcome": Outcome.ADJUSTED}, timedelta(days=90), 90),
        ({}, timedelta(days=90, seconds=1), None),
        ({}, timedelta(seconds=-1), None),
        ({"outcome": Outcome.DECLINED}, timedelta(days=1), None),
        ({"outcome": Outcome.NO_FAULT_FOUND}, timedelta(days=1), None),
        ({"outcome": None}, timedelta(days=1), None),
        ({"closed_at": None}, timedelta(days=1), None),
    ],
)
def test_a_repeat_repair_is_within_ninety_days_of_a_repair(
    changes: dict[str, Any], after: timedelta, days: int | None
) -> None:
    found = find_repeat([visit(**changes)], NOON + after)
    assert (found[1] if found else None) == days


def test_the_latest_repair_is_the_one_repeated() -> None:
    latest, first = visit(number="2"), visit(closed_at=NOON - timedelta(days=30))
    declined = visit(outcome=Outcome.DECLINED)
    found = find_repeat([declined, latest, first], NOON + timedelta(days=1))
    assert found == (latest, 1)
    assert find_open([latest, first]) is None
    assert find_open([visit(closed_at=None, number="3"), latest]) is not None


def test_a_visit_counts_once_for_each_payer() -> None:
    repairs = earlier_repairs([visit(), visit(done=()), visit(outcome=None)], "Asia/Shanghai")
    assert [(repair.payer, repair.components) for repair in repairs] == [
        (Payer.BRAND, ("display",)),
        (Payer.CUSTOMER, ("battery",)),
    ]
    assert {(repair.on, repair.visit) for repair in repairs} == {(NOON.date(), visit().number)}


def test_days_in_repair_are_days_of_the_branch() -> None:
    late = NOON.replace(hour=17)  # one o'clock of the next day in Shanghai
    visits = [visit(), visit(ready_at=late), visit(ready_at=None)]
    assert days_in_repair(visits, "Asia/Shanghai") == 2 + 4


def test_the_days_of_waiting_for_parts_add_up() -> None:
    def on(day: int) -> datetime:
        return NOON + timedelta(days=day)

    acts = [
        ("repair.received", on(0)),
        ("repair.parts_awaited", on(1)),
        ("payment.taken", on(2)),
        ("repair.started", on(11)),
        ("repair.completed", on(12)),
        ("repair.quality_failed", on(13)),
        ("repair.parts_awaited", on(20)),
    ]
    assert days_waiting_for_parts(acts[:1], until=on(30)) == 0
    assert days_waiting_for_parts(acts[:-1], until=on(99)) == 10
    assert days_waiting_for_parts(acts, until=on(70)) == 60


@pytest.mark.parametrize(
    ("serial", "takes_imei", "pattern", "excused", "is_fault"),
    [
        ("356938035643809", True, None, False, False),
        ("A10000009296F2", True, None, False, False),
        ("356938035643808", True, None, True, True),
        ("SN17", True, None, True, True),
        ("356938035643808", False, None, False, True),
        ("356938035643808", False, None, True, False),
        ("356938035643808", False, r"\d{15}", False, False),
        ("SN17", False, r"SN\d{3}", False, True),
        ("SN17", False, r"SN\d{3}", True, False),
        ("SN17", False, None, False, False),
    ],
)
def test_a_serial_fits_or_is_excused(
    serial: str, *, takes_imei: bool, pattern: str | None, excused: bool, is_fault: bool
) -> None:
    fault = find_serial_fault(serial, takes_imei=takes_imei, pattern=pattern, is_excused=excused)
    assert (fault is not None) == is_fault


@given(st.lists(st.tuples(st.sampled_from(Payer), st.integers(0, 10**12))))
def test_the_sums_by_payer_leave_nothing_over(amounts: list[tuple[Payer, int]]) -> None:
    assert sum(sums_by_payer(amounts).values()) == sum(amount for _, amount in amounts)
