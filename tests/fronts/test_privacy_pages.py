"""The pages of whoever answers for privacy, over the whole application."""

import json
import re
from datetime import timedelta

from serviceco.repairs.bench import cancel_order
from serviceco.tenancy.words import Role
from tests.fronts.shopfront import Shopfront, send

HOME = "/admin/privacy"


async def finished(front: Shopfront):
    """An order whose customer may be erased."""
    order = await front.received()
    async with front.at_work() as shop:
        await cancel_order(shop.session, shop.actor, order.number, reason="取回", at=front.now)
    return order


async def test_a_person_is_found_told_and_erased(front: Shopfront):
    order = await finished(front)
    owner = await front.signed_in(Role.OWNER)
    found = (await owner.get(f"{HOME}?phone=138 1234 5678")).text
    person = re.search(rf'href="({HOME}/persons/[^"]+)">陈晓明', found)
    assert person
    here = person[1]
    page = (await owner.get(here)).text
    assert "维修单</dt><dd>1" in page

    sent = await send(owner, here, f"{here}/export", {"form": "json"})
    told = await owner.get(sent.headers["location"])
    assert told.headers["content-disposition"] == 'attachment; filename="person.json"'
    assert json.loads(told.text)["customer_words"][0]["words"] == "昨天摔了一下,屏幕黑了"
    as_csv = await send(owner, here, f"{here}/export", {"form": "csv"})
    assert "customer,1,name,陈晓明" in (await owner.get(as_csv.headers["location"])).text

    confirm = (await owner.get(f"{here}/erasure")).text
    assert "清除 陈晓明 的个人信息" in confirm
    done = await send(owner, f"{here}/erasure", f"{here}/erasure", {"ground": "REQUEST"})
    assert done.headers["location"] == here
    after = (await owner.get(here)).text
    assert "个人信息已清除" in after
    assert "陈晓明" not in after
    audit = (await owner.get("/admin/audit")).text
    assert "导出个人信息" in audit
    assert "清除个人信息" in audit
    assert (await owner.get(f"/orders/{order.number}")).status_code == 200


async def test_an_open_order_says_why_not_yet(front: Shopfront):
    order = await front.received()
    owner = await front.signed_in(Role.ADMINISTRATOR)
    here = f"{HOME}/persons/{order.customer_id}"
    assert f"维修单 {order.number} 尚未完结" in (await owner.get(here)).text
    answer = await send(owner, f"{here}/erasure", f"{here}/erasure", {"ground": "REQUEST"})
    assert answer.status_code == 422


async def test_a_period_is_previewed_and_set(front: Shopfront):
    owner = await front.signed_in(Role.OWNER)
    tried = (await owner.get(f"{HOME}?customers=24")).text
    assert "24 个月" in tried
    await send(owner, HOME, f"{HOME}/periods/CUSTOMERS", {"months": "36"})
    assert "36 个月" in (await owner.get(HOME)).text
    wrong = await send(owner, HOME, f"{HOME}/periods/CUSTOMERS", {"months": "many"})
    assert wrong.status_code == 422
    await send(owner, HOME, f"{HOME}/periods/CUSTOMERS", {"months": ""})
    assert "36 个月" not in (await owner.get(HOME)).text


async def test_the_list_is_filtered_and_taken_along(front: Shopfront):
    order = await front.received()
    technician = await front.signed_in(Role.TECHNICIAN)
    path = f"/orders/{order.number}"
    page = (await technician.get(path)).text
    assert "陈*明 · 138****5678" in page
    assert "陈晓明" not in page
    empty = await send(technician, path, f"{path}/reveal", {"reveal_reason": " "})
    assert empty.status_code == 422
    shown = await send(technician, path, f"{path}/reveal", {"reveal_reason": "=要核对密码"})
    assert "陈晓明" in shown.text

    owner = await front.signed_in(Role.OWNER)
    assert "=要核对密码" in (await owner.get("/admin/audit?act=REVEALED")).text
    assert "要核对密码" not in (await owner.get("/admin/audit?act=ERASED")).text
    tomorrow = (front.now + timedelta(days=2)).date().isoformat()
    assert "要核对密码" not in (await owner.get(f"/admin/audit?since={tomorrow}")).text
    file = await owner.get("/admin/audit.csv?act=REVEALED")
    # A cell that begins like a formula is no formula.
    assert f"{order.number},'=要核对密码" in file.text


async def test_other_roles_do_not_answer_for_privacy(front: Shopfront):
    order = await front.received()
    for role in (Role.FRONT_DESK, Role.BRANCH_MANAGER, Role.FINANCE):
        client = await front.signed_in(role)
        for path in (HOME, f"{HOME}/persons/{order.customer_id}", "/admin/audit", "/admin/support"):
            assert (await client.get(path)).status_code == 403
