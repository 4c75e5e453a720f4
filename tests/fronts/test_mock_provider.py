"""Full sign-ins through a provider written by somebody else, in a thread of this process."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

with warnings.catch_warnings():
    # It still signs by Authlib's old module, which its authors have deprecated.
    warnings.simplefilter("ignore")
    import oidc_provider_mock

from serviceco.settings import Environment
from tests.fronts.application import served
from tests.fronts.provided import provide
from tests.fronts.visitor import Visitor


@pytest.fixture
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with oidc_provider_mock.run_server_in_thread() as server:
            yield f"http://localhost:{server.server_port}"


async def agree(issuer: str, url: str, person: dict[str, object]) -> str:
    """Sign in at the provider as this person, and return where it sends the browser."""
    async with httpx.AsyncClient(base_url=issuer) as browser:
        await browser.put("/users/li", json=person)
        answer = await browser.post(url, data={"sub": "li"})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


async def test_somebody_signs_in_and_loses_what_their_group_gave(
    issuer, owner_url, auth_engine, tenant_id, tmp_path: Path
):
    domain = f"m{tenant_id.hex}.example"
    provider_id = await provide(
        auth_engine, tenant_id, issuer, domain, owner_url=owner_url, client_secret="shared"
    )
    person = {"email": f"li@{domain}", "email_verified": True, "name": "Li", "groups": ["desk"]}
    async with served(owner_url, Environment.DEVELOPMENT, tmp_path) as client:
        visitor = Visitor(client)
        go = f"/sign-in/with/{provider_id}/go"
        leave = await visitor.get(go)
        answer = await visitor.get(await agree(issuer, leave.headers["location"], person))
        assert answer.status_code == 303, answer.text
        assert await visitor.is_signed_in()
        leave = await visitor.get(go)
        person["groups"] = []
        await visitor.get(await agree(issuer, leave.headers["location"], person))
        assert visitor.says("let you in")
        assert not await visitor.is_signed_in()


async def test_a_provider_at_which_somebody_says_no_opens_nothing(
    issuer, owner_url, auth_engine, tenant_id, tmp_path: Path
):
    domain = f"d{tenant_id.hex}.example"
    provider_id = await provide(auth_engine, tenant_id, issuer, domain, owner_url=owner_url)
    async with served(owner_url, Environment.DEVELOPMENT, tmp_path) as client:
        visitor = Visitor(client)
        leave = await visitor.get(f"/sign-in/with/{provider_id}/go")
        async with httpx.AsyncClient() as browser:
            answer = await browser.post(leave.headers["location"], data={"action": "deny"})
        answer = await visitor.get(answer.headers["location"])
        assert answer.status_code == 422
        assert not await visitor.is_signed_in()
