"""What every page promises: headers, tokens, languages, plain forms, pages for every no."""

import json
import re
from base64 import urlsafe_b64encode
from urllib.parse import quote

import httpx
import pytest

from serviceco.core.actor import Permission
from serviceco.web.gallery_facts import ORDER
from tests.web.house import PASSWORD, House, app_of, clerk

Client = httpx.AsyncClient
NUMBER = ORDER["number"]


def token_in(page: str) -> str:
    found = re.search(r'name="_csrf" value="(\w+)"', page)
    assert found
    return found[1]


async def signed_in(client: Client, **fields: str) -> httpx.Response:
    page = await client.get("/sign-in")
    sent = {"_csrf": token_in(page.text), "email": "wang@example.com", "password": PASSWORD}
    return await client.post("/sign-in", data=sent | fields)


async def test_every_answer_carries_the_strict_policy(visitor: Client) -> None:
    for path in ("/sign-in", "/nowhere", "/_gallery", "/static/nothing.css"):
        headers = (await visitor.get(path)).headers
        assert headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self';"
        )
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["content-security-policy"].endswith("frame-ancestors 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_only_papers_may_be_framed_and_only_by_ourselves(clerk_client: Client) -> None:
    headers = (await clerk_client.get(f"/print/slip/{NUMBER}")).headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'self'")


async def test_https_asks_to_be_kept() -> None:
    transport = httpx.ASGITransport(app=app_of(House(), https=True))
    async with httpx.AsyncClient(transport=transport, base_url="https://shop.test") as client:
        answer = await client.get("/sign-in")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["set-cookie"]


async def test_files_are_named_by_their_hash_and_kept_for_ever(visitor: Client) -> None:
    page = (await visitor.get("/sign-in")).text
    paths = re.findall(r'(/static/[\w.]+)"', page)
    assert len(paths) >= 4
    for path in paths:
        answer = await visitor.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_a_visitor_is_sent_to_sign_in_and_back(visitor: Client) -> None:
    answer = await visitor.get(f"/print/slip/{NUMBER}")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/sign-in?next=/print/slip/{NUMBER}",
    )


async def test_a_script_is_told_that_the_sign_in_ended(visitor: Client) -> None:
    answer = await visitor.post("/me/branch", headers={"x-requested-with": "serviceco"})
    assert answer.status_code == 401


async def test_signing_in_opens_the_persons_day(visitor: Client) -> None:
    answer = await signed_in(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert visitor.cookies["serviceco"] == "one"
    assert (await visitor.get("/")).headers["location"] == "/b/sh01/intake"


@pytest.mark.parametrize("next_path", ["//evil.test/", "https://evil.test", "/\\evil.test"])
async def test_signing_in_never_leads_off_the_site(visitor: Client, next_path: str) -> None:
    assert (await signed_in(visitor, next=next_path)).headers["location"] == "/"


async def test_a_wrong_password_is_said_in_the_readers_language(visitor: Client) -> None:
    visitor.cookies.set("language", "zh-Hant")
    answer = await signed_in(visitor, password="guess")
    assert answer.status_code == 422
    assert "電子郵件或密碼不正確。" in answer.text
    assert "<title>錯誤：" in answer.text
    assert "guess" not in answer.text


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "\0"])
async def test_a_form_without_its_token_is_refused(clerk_client: Client, token: str) -> None:
    answer = await clerk_client.post("/sign-out", data={"_csrf": token})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


async def test_a_token_of_another_sign_in_is_refused(visitor: Client, house: House) -> None:
    visitors_token = token_in((await visitor.get("/sign-in")).text)
    visitor.cookies.set("serviceco", "one")
    assert (await visitor.post("/sign-out", data={"_csrf": visitors_token})).status_code == 403


async def test_signing_out_forgets_the_cookie(clerk_client: Client) -> None:
    token = (await clerk_client.get("/me/token")).text
    answer = await clerk_client.post("/sign-out", data={"_csrf": token})
    assert answer.headers["location"] == "/sign-in"
    assert "serviceco=; Path=/; Max-Age=0" in answer.headers.get_list("set-cookie")


async def test_an_unknown_order_is_a_page_of_404(clerk_client: Client) -> None:
    answer = await clerk_client.get("/print/slip/261122000353")
    assert answer.status_code == 404
    assert "没有找到。" in answer.text


async def test_an_invalid_form_comes_back_with_what_was_typed(visitor: Client) -> None:
    token = token_in((await visitor.get("/_gallery")).text)
    sent = {"_csrf": token, "phone": "", "bought": "", "note": "<b>wet</b>"}
    answer = await visitor.post("/_gallery", data=sent)
    assert answer.status_code == 422
    assert '<a href="#f-phone">' in answer.text
    assert re.search(
        r'id="f-phone"[^>]*aria-invalid="true" aria-describedby="e-phone"', answer.text
    )
    assert "&lt;b&gt;wet&lt;/b&gt;" in answer.text


async def test_a_form_that_comes_back_is_a_new_request(visitor: Client) -> None:
    first = (await visitor.get("/_gallery")).text
    sent = {"_csrf": token_in(first), "_idem": "same", "phone": ""}
    again = (await visitor.post("/_gallery", data=sent)).text
    assert 'name="_idem" value="same"' not in again


async def test_a_form_that_is_taken_leads_to_a_page_with_a_greeting(visitor: Client) -> None:
    token = token_in((await visitor.get("/_gallery")).text)
    sent = {"_csrf": token, "phone": "138", "bought": "20260302"}
    answer = await visitor.post("/_gallery", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/_gallery")
    assert "data-toast" in (await visitor.get("/_gallery")).text
    assert "data-toast" not in (await visitor.get("/_gallery")).text


@pytest.mark.parametrize(
    "forged", [["refusal.NOT_FOUND", {}], ["said.received", {}], ["said.saved", 1], "said", [1, 2]]
)
async def test_a_forged_greeting_says_nothing(visitor: Client, forged: object) -> None:
    visitor.cookies.set("said", urlsafe_b64encode(json.dumps(forged).encode()).decode())
    page = await visitor.get("/_gallery")
    assert page.status_code == 200
    assert "data-toast" not in page.text


async def test_a_script_gets_the_address_instead_of_the_redirect(visitor: Client) -> None:
    token = token_in((await visitor.get("/_gallery")).text)
    sent = {"_csrf": token, "phone": "138", "bought": "20260302"}
    answer = await visitor.post("/_gallery", data=sent, headers={"x-requested-with": "serviceco"})
    assert (answer.status_code, answer.headers["x-location"]) == (204, "/_gallery")


async def test_a_swap_gets_its_region_alone(visitor: Client) -> None:
    whole = await visitor.get("/_gallery/rows?q=0034")
    region = await visitor.get(
        "/_gallery/rows?q=0034", headers={"hx-request": "true", "hx-target": "results"}
    )
    assert "<html" in whole.text
    assert "<html" not in region.text
    assert region.text.count("data-row") == 1


@pytest.mark.parametrize(
    ("accepts", "cookie", "query", "language"),
    [
        ("zh-TW,zh;q=0.9", "", "", "zh-Hant"),
        ("zh-CN", "en", "", "en"),
        ("en", "en", "?lang=zh-Hans", "zh-Hans"),
        ("fr", "", "?lang=xx", "en"),
    ],
)
async def test_the_language_is_that_of_the_closest_wish(
    visitor: Client, accepts: str, cookie: str, query: str, language: str
) -> None:
    if cookie:
        visitor.cookies.set("language", cookie)
    page = await visitor.get(f"/sign-in{query}", headers={"accept-language": accepts})
    assert f'<html lang="{language}"' in page.text


async def test_choices_are_kept_and_lead_back(visitor: Client) -> None:
    token = token_in((await visitor.get("/sign-in")).text)
    sent = {
        "_csrf": token,
        "back": "/sign-in",
        "language": "zh-Hant",
        "theme": "dark",
        "density": "?",
    }
    answer = await visitor.post("/me/preferences", data=sent)
    assert answer.headers["location"] == "/sign-in"
    page = (await visitor.get("/sign-in")).text
    assert '<html lang="zh-Hant" data-theme="dark" data-density="comfortable"' in page


async def test_the_navigation_shows_only_what_is_permitted(clerk_client: Client) -> None:
    page = (await clerk_client.get("/me")).text
    assert "/b/sh01/intake" in page
    assert "/hq/claims" not in page


async def test_a_scanned_order_opens_and_a_serial_number_goes_to_intake(
    clerk_client: Client,
) -> None:
    order = await clerk_client.get("/scan", params={"code": f"https://shop.test/o/{NUMBER}"})
    serial = await clerk_client.get("/scan", params={"code": "356938035643809"})
    assert order.headers["location"] == f"/orders/{NUMBER}"
    assert serial.headers["location"] == "/b/sh01/intake?code=356938035643809"


@pytest.mark.parametrize("typed", ["王芳", "iphone pro", "138 1234 5678", "+8613812345678"])
async def test_what_somebody_typed_into_the_scan_box_is_searched(
    clerk_client: Client, typed: str
) -> None:
    answer = await clerk_client.get("/scan", params={"code": typed})
    assert answer.headers["location"] == f"/orders?q={quote(typed)}"


async def test_a_wrong_check_digit_stays_and_names_the_code(clerk_client: Client) -> None:
    answer = await clerk_client.get("/scan", params={"code": "261122000345"})
    assert answer.status_code == 404
    assert "261122000345" in answer.text
    assert "autofocus" in answer.text


async def test_the_slip_is_in_the_customers_language(clerk_client: Client) -> None:
    clerk_client.cookies.set("language", "en")
    slip = await clerk_client.get(f"/print/slip/{NUMBER}")
    assert '<html lang="zh-Hans">' in slip.text


@pytest.mark.parametrize("paper", ["slip", "label"])
async def test_papers_do_without_what_is_not_known_of_the_device(
    clerk_client: Client, house: House, paper: str
) -> None:
    bare = {"modelPrinted": "", "brandPrinted": "", "model": None}
    house.order = ORDER | {"device": ORDER["device"] | bare, "brand": None}
    assert (await clerk_client.get(f"/print/{paper}/{NUMBER}")).status_code == 200


async def test_a_label_for_the_device_and_each_accessory(clerk_client: Client) -> None:
    labels = (await clerk_client.get(f"/print/label/{NUMBER}")).text
    assert labels.count('class="label"') == 1 + len(ORDER["accessories"])
    assert "3/3" in labels


async def test_changed_rights_act_on_the_next_page(clerk_client: Client, house: House) -> None:
    house.version = 1
    house.actors["one"] = clerk(version=1, permissions=frozenset({Permission.READ_CLAIMS}))
    page = await clerk_client.get("/me")
    assert page.status_code == 200
    assert "/hq/claims" in page.text
    assert "/b/sh01/intake" not in page.text


async def test_an_ended_sign_in_leads_to_the_door(clerk_client: Client, house: House) -> None:
    house.version = 1
    house.actors.clear()
    answer = await clerk_client.get(f"/print/slip/{NUMBER}")
    assert answer.headers["location"] == f"/sign-in?next=/print/slip/{NUMBER}"


async def test_a_clash_is_409_and_shows_both_values(visitor: Client) -> None:
    token = token_in((await visitor.get("/_gallery")).text)
    sent = {"_csrf": token, "phone": "139", "bought": "20260302", "_ver": "2"}
    answer = await visitor.post("/_gallery", data=sent)
    assert answer.status_code == 409
    assert re.search(r'id="t-phone">[^<]*138<', answer.text)
    assert 'value="139"' in answer.text


async def test_choices_made_on_a_forms_answer_lead_back_to_its_page(visitor: Client) -> None:
    token = token_in((await visitor.get("/_gallery")).text)
    referer = {"referer": "http://shop.test/_gallery?x=1"}
    answer = await visitor.post("/_gallery", data={"_csrf": token}, headers=referer)
    assert 'name="back" value="/_gallery?x=1"' in answer.text


async def test_a_referer_that_is_no_address_leads_to_the_front_door(visitor: Client) -> None:
    token = token_in((await visitor.get("/_gallery")).text)
    answer = await visitor.post("/_gallery", data={"_csrf": token}, headers={"referer": "http://["})
    assert 'name="back" value="/"' in answer.text
