"""A customer's link opens one order and takes one answer; a number needs the whole telephone."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from serviceco.billing.tables import Quote
from serviceco.billing.words import ApprovalChannel, QuoteStatus
from serviceco.evidence.tables import Event
from serviceco.identity.tables import CustomerLink
from serviceco.repairs.bench import cancel_order
from serviceco.repairs.customer_links import revoke_customer_link
from serviceco.repairs.lines import propose_line
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.words import Role
from tests.fronts.shopfront import Shopfront, send
from tests.repairs.shop import part

KB = 1024


async def quote_of(front: Shopfront, order: RepairOrder) -> Any:
    async with front.at_work() as shop:
        return await shop.session.scalar(
            sa.select(Quote)
            .where(Quote.tenant_id == order.tenant_id, Quote.order_id == order.id)
            .order_by(Quote.revision.desc())
        )


async def acts_of(front: Shopfront, order: RepairOrder) -> list[tuple[str, str]]:
    async with front.at_work() as shop:
        rows = await shop.session.execute(
            sa.select(Event.act, Event.actor_kind)
            .where(Event.tenant_id == order.tenant_id, Event.subject_id == order.id)
            .order_by(Event.seq)
        )
        return [(act, kind) for act, kind in rows]


async def test_a_link_shows_its_order_in_plain_words_and_few_bytes(front: Shopfront):
    order = await front.quoted()
    visitor = front.visitor()
    page = await visitor.get(f"/c/{await front.token(order)}")
    assert page.status_code == 200
    assert "我们在等待您对报价的答复" in page.text
    assert "¥570.00" in page.text
    assert "同意维修" in page.text
    assert "不修了" in page.text
    for hidden in ("陈晓明", "13812345678", "屏幕黑了", "356938035643809"):
        assert hidden not in page.text
    assert "<script" not in page.text
    css = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    icon = page.text.split('type="image/svg+xml" href="')[1].split('"')[0]
    weight = sum([len((await visitor.get(path)).content) for path in (css, icon)])
    assert len(page.content) + weight < 60 * KB


@pytest.mark.parametrize(("language", "words"), [("zh-Hant", "同意維修"), ("en", "Repair it")])
async def test_the_page_speaks_three_languages(front: Shopfront, language: str, words: str):
    token = await front.token(await front.quoted())
    page = (await front.visitor().get(f"/c/{token}?lang={language}")).text
    assert words in page


async def test_an_answer_is_asked_again_before_it_is_kept(front: Shopfront):
    order = await front.quoted()
    path, visitor = f"/c/{await front.token(order)}", front.visitor()
    confirm = (await visitor.get(f"{path}/answer?approved=yes")).text
    assert "¥570.00" in confirm
    assert "报价有效期至" in confirm
    values = {"approved": "yes", "revision": "1"}
    answer = await send(visitor, path + "/answer?approved=yes", path + "/answer", values)
    assert answer.status_code == 303
    quote = await quote_of(front, order)
    assert (quote.status, quote.channel) == (QuoteStatus.APPROVED, ApprovalChannel.LINK)
    assert (await acts_of(front, order))[-1] == ("repair.approved", "customer")
    assert "谢谢您" in (await visitor.get(path)).text


async def test_a_form_sent_twice_is_kept_once(front: Shopfront):
    order = await front.quoted()
    path, visitor = f"/c/{await front.token(order)}", front.visitor()
    text = (await visitor.get(f"{path}/answer?approved=no")).text
    csrf = text.split('name="_csrf" value="')[1].split('"')[0]
    form = {"_csrf": csrf, "_idem": "same", "approved": "no", "revision": "1"}
    answers = [await visitor.post(f"{path}/answer", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    acts = [act for act, _ in await acts_of(front, order)]
    assert acts.count("repair.declined") == 1
    assert (await quote_of(front, order)).status is QuoteStatus.DECLINED


async def test_another_answer_after_the_first_is_refused(front: Shopfront):
    order = await front.quoted()
    path, visitor = f"/c/{await front.token(order)}", front.visitor()
    text = (await visitor.get(f"{path}/answer?approved=no")).text
    csrf = text.split('name="_csrf" value="')[1].split('"')[0]
    form = {"_csrf": csrf, "approved": "no", "revision": "1"}
    await visitor.post(f"{path}/answer", data=form | {"_idem": "1"})
    late = await visitor.post(f"{path}/answer", data=form | {"_idem": "2", "approved": "yes"})
    assert late.status_code == 422
    assert (await quote_of(front, order)).status is QuoteStatus.DECLINED


async def test_a_quote_whose_lines_changed_cannot_be_approved(front: Shopfront):
    order = await front.quoted()
    async with front.at_work() as shop:
        await propose_line(shop.session, shop.actor, order.number, part("B-1"), at=front.now)
    path, visitor = f"/c/{await front.token(order)}", front.visitor()
    page = (await visitor.get(path)).text
    assert "同意维修" not in page
    csrf_page = f"{path}/answer?approved=no"
    answer = await send(visitor, csrf_page, path + "/answer", {"approved": "yes", "revision": "1"})
    assert answer.status_code == 422
    assert (await quote_of(front, order)).status is QuoteStatus.SENT


async def test_an_order_that_waits_for_no_answer_leads_back(front: Shopfront):
    order = await front.received()
    path = f"/c/{await front.token(order)}"
    answer = await front.visitor().get(f"{path}/answer?approved=yes")
    assert answer.headers["location"].startswith(path)


async def test_a_link_that_was_taken_back_opens_nothing(front: Shopfront):
    order = await front.received()
    old = await front.token(order)
    visitor = front.visitor()
    assert (await visitor.get(f"/c/{old}")).status_code == 200
    async with front.at_work() as shop:
        await revoke_customer_link(
            shop.session, shop.actor, order.number, renewed=True, at=front.now
        )
    gone = await visitor.get(f"/c/{old}")
    assert gone.status_code == 404
    assert "此链接已失效" in gone.text
    assert (await visitor.get(f"/c/{await front.token(order)}")).status_code == 200


async def test_a_link_expires_some_time_after_the_hand_over(front: Shopfront, auth_engine):
    order = await front.received()
    async with front.at_work() as shop:
        await cancel_order(shop.session, shop.actor, order.number, reason="取回", at=front.now)
    async with global_work(auth_engine) as session:
        link = await session.scalar(
            sa.select(CustomerLink).where(CustomerLink.order_id == order.id)
        )
    assert link is not None
    assert link.expires_at == front.now + timedelta(days=30)


@pytest.mark.parametrize("token", ["x", "A" * 32, "A" * 31 + "=", "é" * 32])
async def test_what_is_no_token_opens_nothing(front: Shopfront, token: str):
    assert (await front.visitor().get(f"/c/{token}")).status_code == 404


async def test_nothing_that_is_kept_opens_a_page(front: Shopfront, auth_engine):
    order = await front.received()
    token = await front.token(order)
    async with global_work(auth_engine) as session:
        kept = await session.scalar(
            sa.select(sa.cast(sa.literal_column("customer_link"), sa.Text))
            .select_from(CustomerLink)
            .where(CustomerLink.order_id == order.id)
        )
    assert kept is not None
    assert token not in kept


async def test_a_number_and_the_whole_telephone_lead_to_the_order(front: Shopfront):
    order = await front.received()
    visitor = front.visitor()
    answer = await send(
        visitor,
        "/track",
        "/track",
        {"number": f"{order.number[:6]} {order.number[6:]}", "phone": "138 1234 5678"},
    )
    assert answer.status_code == 303
    page = await visitor.get(answer.headers["location"])
    assert "您的设备已受理" in page.text


async def test_unknown_and_wrong_read_alike_and_are_throttled(front: Shopfront):
    order = await front.received()
    visitor = front.visitor()
    asked = [
        (order.number, "13912345678"),
        ("261122000347", "13812345678"),
        ("123456789012", "5678"),
    ]
    pages = []
    for number, phone in asked:
        answer = await send(visitor, "/track", "/track", {"number": number, "phone": phone})
        assert answer.status_code == 422
        pages.append(answer.text.replace(number, "N").replace(phone, "P"))
    bodies = {body.split('name="_idem"')[0] for body in pages}
    assert len(bodies) == 1
    for _ in range(4):
        await send(visitor, "/track", "/track", {"number": order.number, "phone": "13912345678"})
    held = await send(visitor, "/track", "/track", {"number": order.number, "phone": "13812345678"})
    assert held.status_code == 429


async def test_the_short_address_leads_staff_to_the_order_and_others_to_the_check(
    front: Shopfront,
):
    order = await front.received()
    visitor = await front.visitor().get(f"/o/{order.number}")
    assert visitor.headers["location"] == f"/track?number={order.number}"
    assert order.number in (await front.visitor().get(f"/track?number={order.number}")).text
    clerk = await front.signed_in(Role.FRONT_DESK)
    answer = await clerk.get(f"/o/{order.number}")
    assert answer.headers["location"] == f"/orders/{order.number}"


async def test_the_slip_holds_the_customers_own_link(front: Shopfront):
    order = await front.received()
    clerk = await front.signed_in(Role.FRONT_DESK)
    slip = (await clerk.get(f"/print/slip/{order.number}")).text
    assert f"http://serviceco.test/c/{await front.token(order)}" in slip
    assert f"http://serviceco.test/o/{order.number}" in slip
