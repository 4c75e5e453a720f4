"""OAuth 2.0 for machines, as a client meets it: tokens, what they open, and how they end."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.identity import jwt
from serviceco.identity.client_tables import AccessToken, SigningKey
from serviceco.identity.clients import (
    change_client_scopes,
    create_client,
    revoke_client,
    rotate_client_secret,
)
from serviceco.identity.rules import token_hash
from serviceco.identity.signing import withdraw_keys
from serviceco.identity.token_rules import MOST_LIVE_TOKENS
from serviceco.settings import Environment
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import brand_operator, system_actor
from tests.fronts.application import served

ASKED = {"query": "{ branches { code } }"}
SCOPES = frozenset({Permission.READ_ORDERS, Permission.ADHOC_DOCUMENTS})
EVERYTHING = "adhoc_documents read_orders"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Machine:
    """A client of one company, with the way in that its program would use."""

    http: httpx.AsyncClient
    auth_engine: AsyncEngine
    tenant_id: UUID
    id: UUID
    secret: str

    async def post(self, door: str, *, basic: bool = True, **form: str) -> httpx.Response:
        if not basic:
            own = {"client_id": str(self.id), "client_secret": self.secret}
            return await self.http.post(f"/oauth/{door}", data=own | form)
        return await self.http.post(f"/oauth/{door}", data=form, auth=(str(self.id), self.secret))

    async def token(self, *, scope: str = EVERYTHING) -> str:
        answer = await self.post("token", grant_type="client_credentials", scope=scope)
        assert answer.status_code == 200, answer.text
        text: str = answer.json()["access_token"]
        return text

    async def ask(self, token: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"}
        return await self.http.post("/graphql", json=body or ASKED, headers=headers)

    async def changed(self, verb: Any, **given: Any) -> None:
        async with unit_of_work(self.auth_engine, self.tenant_id) as session:
            await verb(session, system_actor(self.tenant_id), self.id, **{"at": now()} | given)


async def machine(http: httpx.AsyncClient, auth_engine: AsyncEngine, tenant_id: UUID) -> Machine:
    secret = secrets.token_urlsafe(32)
    operator = system_actor(tenant_id)
    async with unit_of_work(auth_engine, tenant_id) as session:
        client = await create_client(
            session, operator, "ERP", scopes=SCOPES, secret=secret, at=now()
        )
    return Machine(http, auth_engine, tenant_id, client.id, secret)


@pytest.fixture(scope="module")
async def http(owner_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("oauth")
    async with served(owner_url, Environment.PRODUCTION, folder) as client:
        yield client


@pytest.fixture
async def erp(http, auth_engine, tenant_id) -> Machine:
    return await machine(http, auth_engine, tenant_id)


@pytest.mark.parametrize("basic", [True, False])
async def test_a_machine_gets_a_token_and_asks_with_it(erp, basic):
    answer = await erp.post("token", basic=basic, grant_type="client_credentials")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["scope"]) == ("Bearer", EVERYTHING)
    assert 0 < token["expires_in"] <= 15 * 60
    assert (await erp.ask(token["access_token"])).json() == {"data": {"branches": []}}


async def test_anybody_can_check_a_token_by_the_metadata_alone(erp):
    metadata = (await erp.http.get("/.well-known/oauth-authorization-server")).json()
    keys = await erp.http.get(httpx.URL(metadata["jwks_uri"]).path)
    assert "max-age" in keys.headers["cache-control"]
    assert not [key for key in keys.json()["keys"] if "d" in key], "a private key is published"
    claims = jwt.read(
        await erp.token(),
        [ECKey.import_key(key) for key in keys.json()["keys"]],
        issuer=metadata["issuer"],
        audience=f"{metadata['issuer']}/graphql",
        at=now(),
    )
    assert claims is not None
    assert (claims["sub"], claims["tenant"]) == (str(erp.id), str(erp.tenant_id))
    assert metadata["grant_types_supported"] == ["client_credentials"]


async def test_fewer_scopes_than_the_clients_are_granted_and_others_are_not(erp):
    token = await erp.token(scope="adhoc_documents")
    answer = await erp.ask(token, {"query": "{ board(first: 1) { nodes { number } } }"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for scope in ("read_customers", "read_orders hand_over", "fly", ""):
        answer = await erp.post("token", grant_type="client_credentials", scope=scope)
        wanted = "invalid_scope" if scope else "200"
        assert answer.json().get("error", "200") == wanted, scope


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "other"}, "invalid_request"),
        ({"grant_type": "x" * 20_000}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_told_by_the_codes_of_the_protocol(erp, form, error):
    answer = await erp.post("token", **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error_description"]


async def test_what_is_no_form_or_names_a_parameter_twice_is_refused(erp):
    credentials = httpx.BasicAuth(str(erp.id), erp.secret)
    for content, kind in (
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=x", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
    ):
        answer = await erp.http.post(
            "/oauth/token", content=content, headers={"content-type": kind}, auth=credentials
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def _basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    [None, "Basic", "Basic ???", "Bearer x", _basic("nobody:x"), _basic("nobody"), _basic(":")],
)
async def test_who_is_not_recognised_is_challenged(http, authorization):
    headers = {"authorization": authorization} if authorization else {}
    answer = await http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=headers
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_secret_opens_its_own_client_alone(erp, http, auth_engine):
    other = await machine(http, auth_engine, new_id())
    for client_id, secret in ((erp.id, other.secret), (other.id, erp.secret), (erp.id, "")):
        answer = await http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(str(client_id), secret),
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_doors_open_to_their_own_method_alone(http):
    for path, method, allowed in (
        ("/oauth/token", "GET", "POST"),
        ("/oauth/jwks", "POST", "GET, HEAD"),
        ("/.well-known/oauth-authorization-server", "DELETE", "GET, HEAD"),
    ):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert (await http.get("/oauth/authorize")).status_code == 404


@pytest.mark.parametrize("ends", ["token", "client", "clock", "keys"])
async def test_what_has_ended_opens_nothing_from_the_next_request_on(erp, auth_engine, ends):
    token = await erp.token()
    assert (await erp.ask(token)).status_code == 200
    match ends:
        case "token":
            assert (await erp.post("revoke", token=token)).status_code == 200
        case "client":
            await erp.changed(revoke_client, at=now())
        case "clock":
            async with global_work(auth_engine) as session:
                mine = update(AccessToken).where(AccessToken.client_id == erp.id)
                await session.execute(mine.values(expires_at=now()))
        case "keys":
            async with global_work(auth_engine) as session:
                await withdraw_keys(session, at=now())
    answer = await erp.ask(token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    again = await erp.ask(token)
    assert (again.status_code, again.json()["errors"][0]["extensions"]["code"]) == (
        401,
        "INVALID_KEY",
    )
    assert 'error="invalid_token"' in again.headers["www-authenticate"]


async def test_the_schema_too_is_closed_to_a_token_that_has_ended(erp):
    token = await erp.token()
    asked = {"query": "{ __schema { queryType { name } } }"}
    assert (await erp.ask(token, asked)).status_code == 200
    await erp.post("revoke", token=token)
    assert (await erp.ask(token, asked)).status_code == 401


async def test_a_lost_scope_is_lost_on_the_next_request(erp):
    token = await erp.token()
    board = {"query": "{ board(first: 1) { nodes { number } } }"}
    assert "errors" not in (await erp.ask(token, board)).json()
    await erp.changed(change_client_scopes, scopes={Permission.ADHOC_DOCUMENTS})
    answer = (await erp.ask(token, board)).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_scope_that_lacks_is_told_by_the_challenge(erp):
    token = await erp.token(scope="read_orders")
    headers = {"authorization": f"Bearer {token}", "accept": "application/graphql-response+json"}
    answer = await erp.http.post("/graphql", json=ASKED, headers=headers)
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_a_token_that_another_key_signed_opens_nothing(erp, http):
    claims = {"iss": str(http.base_url), "aud": "x", "sub": str(erp.id), "jti": "1"}
    forged = jwt.written(claims, jwt.new_key(str(new_id())))
    for text in (forged, "eyJ.e30.x", "eyJhbGciOiJub25lIn0.e30.", await erp.token() + "x"):
        assert (await erp.ask(text)).status_code == 401, text


async def test_a_row_in_the_database_is_no_token_without_our_signature(erp, auth_engine):
    """Who can write rows, but not sign, gets in nowhere."""
    forged = jwt.written({"sub": str(erp.id)}, jwt.new_key(str(new_id())))
    async with global_work(auth_engine) as session:
        session.add(
            AccessToken(
                token_hash=token_hash(forged),
                client_id=erp.id,
                scopes=["read_orders"],
                created_at=now(),
                expires_at=now() + timedelta(hours=1),
            )
        )
    assert (await erp.ask(forged)).status_code == 401


async def test_a_machine_sees_its_own_company_alone(erp, http, auth_engine, engine):
    other = await machine(http, auth_engine, new_id())
    theirs = await other.token()
    seen = (await erp.post("introspect", token=theirs)).json()
    assert seen == {"active": False}
    ended = await erp.post("revoke", token=theirs)
    assert (ended.status_code, ended.json()["error"]) == (400, "invalid_grant")
    assert (await other.ask(theirs)).status_code == 200


async def test_introspection_tells_what_a_token_allows_while_it_lives(erp):
    token = await erp.token(scope="read_orders")
    seen = (await erp.post("introspect", token=token)).json()
    assert seen["active"] is True
    assert (seen["scope"], seen["client_id"]) == ("read_orders", str(erp.id))
    assert seen["exp"] > now().timestamp()
    await erp.post("revoke", token=token)
    assert (await erp.post("introspect", token=token)).json() == {"active": False}
    assert (await erp.post("introspect", token="nonsense")).json() == {"active": False}
    assert (await erp.post("introspect")).json()["error"] == "invalid_request"


async def test_revoking_what_is_unknown_succeeds_and_changes_nothing(erp):
    token = await erp.token()
    assert (await erp.post("revoke", token="unknown")).status_code == 200
    assert (await erp.ask(token)).status_code == 200


async def test_two_secrets_overlap_and_never_three(erp):
    olds = [erp.secret]
    for _ in range(2):
        erp.secret = secrets.token_urlsafe(32)
        await erp.changed(rotate_client_secret, secret=erp.secret, at=now())
        olds.append(erp.secret)
    serves = []
    for secret in olds:
        erp.secret = secret
        answer = await erp.post("token", grant_type="client_credentials")
        serves.append(answer.status_code)
    assert serves == [401, 200, 200]


async def test_without_overlap_the_former_secret_ends_at_once(erp):
    former, erp.secret = erp.secret, secrets.token_urlsafe(32)
    await erp.changed(rotate_client_secret, secret=erp.secret, overlap=timedelta(0), at=now())
    assert await erp.token()
    erp.secret = former
    assert (await erp.post("token", grant_type="client_credentials")).status_code == 401


async def test_a_client_holds_a_bounded_number_of_tokens(erp, auth_engine):
    first = await erp.token()
    async with global_work(auth_engine) as session:
        at, later = now(), now() + timedelta(minutes=5)
        session.add_all(
            AccessToken(
                token_hash=new_id().bytes,
                client_id=erp.id,
                scopes=[],
                created_at=at,
                expires_at=later,
            )
            for _ in range(MOST_LIVE_TOKENS)
        )
    last = await erp.token()
    assert (await erp.ask(first)).status_code == 401
    assert (await erp.ask(last)).status_code == 200


async def test_the_signing_key_is_sealed_where_it_lies(erp, auth_engine):
    await erp.token()
    async with global_work(auth_engine) as session:
        keys = (await session.scalars(select(SigningKey))).all()
    assert keys
    assert all("d" not in key.public and key.sealed.count(".") == 4 for key in keys)


async def test_a_brands_machine_acts_for_the_brand_and_in_no_company(http, auth_engine):
    brand = brand_operator(new_id())
    secret = secrets.token_urlsafe(32)
    async with global_work(auth_engine) as session:
        scopes = frozenset({Permission.READ_CLAIMS, Permission.ADHOC_DOCUMENTS})
        client = await create_client(session, brand, "ERP", scopes=scopes, secret=secret, at=now())
    theirs = Machine(http, auth_engine, new_id(), client.id, secret)
    token = await theirs.token(scope="adhoc_documents read_claims")
    assert (await theirs.post("introspect", token=token)).json()["brand"] == str(brand.brand_id)
    answer = (await theirs.ask(token)).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
