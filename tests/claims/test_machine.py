"""The books stay right whatever staff try, in whatever order."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from serviceco.billing.quotes import send_quote
from serviceco.billing.words import PaymentMethod
from tests.claims.machine import LINES, Company, Money
from tests.repairs.shop import BOUGHT, LONG_AGO

DISPLAY, BATTERY, LABOUR, _ = LINES


async def test_the_verbs_of_the_machine_lead_to_every_end(owner_url: str):
    company = Company(owner_url)
    await company.open()
    await company.receive(BOUGHT, [DISPLAY, LABOUR])
    await company.receive(LONG_AGO, [BATTERY, LABOUR])
    await company.receive(LONG_AGO, [DISPLAY])
    covered, overpaid, declined = company.orders

    await company.go_on(overpaid)
    await company.pay(overpaid, overpaid.customer_minor, PaymentMethod.CASH)
    await company.remove_first(overpaid)
    await company.attempt(send_quote, declined.number)
    await company.answer(declined, approved=False)
    for _ in range(4):
        for order in (covered, overpaid, declined):
            await company.go_on(order)
            assert await company.differences() == []
    await company.close()

    assert company.reached == {"approved", "declined", "paid", "refunded", "handed over", "claimed"}


def test_after_every_step_the_books_explain_every_cent(owner_url: str):
    Money.owner_url = owner_url
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
