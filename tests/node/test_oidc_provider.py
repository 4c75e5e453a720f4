"""A full sign-in through a certified provider, which asks for PKCE and says who it is (RFC 9207)."""

import re
import socket
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx

from serviceco.core.ids import new_id
from serviceco.identity.queries import find_account
from serviceco.settings import Environment
from serviceco.storage.unit_of_work import global_work
from tests.fronts.application import served
from tests.fronts.provided import provide
from tests.fronts.visitor import Visitor
from tests.node.conftest import NodeServer


async def follow(browser: httpx.AsyncClient, url: str, until: str) -> str:
    """Go where the provider leads, signing in and agreeing on the way, until our own address."""
    answer = await browser.get(url)
    while True:
        while answer.is_redirect:
            place = urljoin(str(answer.url), answer.headers["location"])
            if place.startswith(until):
                return place
            answer = await browser.get(place)
        form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert form, answer.text
        assert prompt, answer.text
        typed = re.search(r'name="login"[^>]* value="([^"]*)"', answer.text)
        fields = {"prompt": prompt[1], "password": "any", "login": typed[1] if typed else ""}
        answer = await browser.post(urljoin(str(answer.url), unescape(form[1])), data=fields)


async def test_somebody_signs_in_through_a_certified_provider(
    node_server: NodeServer, owner_url: str, auth_engine, tenant_id, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    issuer, domain = f"http://127.0.0.1:{port}", f"n{tenant_id.hex}.example"
    email = f"li-{new_id().hex[:8]}@{domain}"
    provider_id = await provide(
        auth_engine,
        tenant_id,
        issuer,
        domain,
        owner_url=owner_url,
        client_secret="a secret of both",
    )
    home = "http://serviceco.test/"
    back = f"{home}sign-in/with/{provider_id}/return"
    async with (
        node_server("oidc_provider.mjs", str(port), back) as said,
        served(owner_url, Environment.DEVELOPMENT, tmp_path) as client,
        httpx.AsyncClient() as browser,
    ):
        assert said == issuer
        visitor = Visitor(client)
        leave = await visitor.get(f"/sign-in/with/{provider_id}/go?hint={email}&next=/me/security")
        place = await follow(browser, leave.headers["location"], until=home)
        assert "iss=" in place
        answer = await visitor.get(place)
        assert answer.headers["location"] == "/me/security", answer.text
        assert await visitor.is_signed_in()
        assert not await other_way(client, place)
    async with global_work(auth_engine) as session:
        account = await find_account(session, email)
    assert account
    assert account.name == "Li Na"


async def other_way(client: httpx.AsyncClient, place: str) -> bool:
    """Tell whether the same answer opens a second session."""
    client.cookies.delete("serviceco")
    await client.get(place)
    return (await client.get("/me/sign-ins")).status_code == 200
