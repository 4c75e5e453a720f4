"""Signing in through a provider that may lie: what holds is let in, and everything else is not."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from serviceco.identity.provider_words import Admits, GroupRule, ProviderTerms
from serviceco.identity.providers import confirm_domain
from serviceco.identity.queries import find_account, find_live_sign_in
from serviceco.identity.rules import token_hash
from serviceco.identity.tables import Account, Membership
from serviceco.settings import Environment
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import brand_operator, system_actor
from serviceco.tenancy.sign_in_rules import save_provider
from serviceco.tenancy.tables import Staff
from tests.fronts.application import served
from tests.fronts.forger import Forger, forging, new_key, signed, signed_by
from tests.fronts.provided import provide
from tests.fronts.visitor import Visitor, elsewhere
from tests.identity.people import PASSWORD, person

NOW = datetime.now(UTC)


class Company:
    """A company with a provider, and how its people come and go."""

    def __init__(self, visitor: Visitor, forger: Forger, provider_id: UUID, domain: str) -> None:
        self.visitor = visitor
        self.forger = forger
        self.provider_id = provider_id
        self.domain = domain

    @property
    def email(self) -> str:
        return f"li@{self.domain}"

    async def leave(self, visitor: Visitor | None = None) -> dict[str, str]:
        """Leave for the provider, and return what it sends back."""
        answer = await (visitor or self.visitor).get(f"/sign-in/with/{self.provider_id}/go")
        assert answer.status_code == 303, answer.text
        return self.forger.authorize(answer.headers["location"])

    async def come_back(self, back: dict[str, str], visitor: Visitor | None = None) -> bool:
        """Come back with an answer; tell whether there is a session now."""
        visitor = visitor or self.visitor
        await visitor.get(f"/sign-in/with/{self.provider_id}/return?{urlencode(back)}")
        return await visitor.is_signed_in()

    async def sign_in(self) -> bool:
        return await self.come_back(await self.leave())


@pytest.fixture
async def forger() -> AsyncIterator[Forger]:
    async with forging() as forger:
        yield forger


@pytest.fixture
async def company(owner_url: str, tmp_path: Path, auth_engine, tenant_id, forger):
    domain = f"t{tenant_id.hex}.example"
    forger.person = {
        "sub": "li",
        "email": f"li@{domain}",
        "email_verified": True,
        "name": "Li Na",
        "groups": ["desk"],
    }
    async with served(owner_url, Environment.DEVELOPMENT, tmp_path) as client:
        provider_id = await provide(
            auth_engine, tenant_id, forger.issuer, domain, owner_url=owner_url
        )
        yield Company(Visitor(client), forger, provider_id, domain)


async def account_of(auth_engine, email: str) -> Account:
    async with global_work(auth_engine) as session:
        account = await find_account(session, email)
    assert account
    return account


async def membership_of(auth_engine, account: Account, home: UUID) -> Membership:
    async with global_work(auth_engine) as session:
        wanted = select(Membership).where(
            Membership.account_id == account.id, Membership.tenant_id == home
        )
        return (await session.scalars(wanted)).one()


async def rename(auth_engine, account: Account, email: str) -> None:
    """Let an account sign in with another e-mail."""
    async with global_work(auth_engine) as session:
        (await session.get_one(Account, account.id)).email = email


async def test_a_person_of_the_right_group_gets_an_account_a_place_and_a_session(
    company, auth_engine, engine, tenant_id
):
    assert await company.sign_in()
    account = await account_of(auth_engine, company.email)
    membership = await membership_of(auth_engine, account, tenant_id)
    assert (account.name, account.password_hash) == ("Li Na", None)
    assert membership.roles == ["front_desk"]
    async with unit_of_work(engine, tenant_id) as session:
        staff = await session.get_one(Staff, (tenant_id, membership.staff_id))
    assert (staff.code, staff.name, staff.account_id) == ("li", "Li Na", account.id)
    await company.visitor.get("/me/sign-ins")
    assert company.visitor.says("Company sign-in")


async def test_a_lost_group_is_a_lost_role_and_a_lost_session(company):
    first = elsewhere(company.visitor)
    assert await company.come_back(await company.leave(first), first)
    company.forger.person["groups"] = ["bench"]
    assert await company.sign_in()
    assert not await first.is_signed_in()
    company.forger.person["groups"] = []
    other = elsewhere(company.visitor)
    assert not await company.come_back(await company.leave(other), other)
    assert other.says("let you in")
    assert not await company.visitor.is_signed_in()
    company.forger.person["groups"] = ["desk"]
    assert await company.sign_in()


@pytest.mark.parametrize(
    "twisted",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": ["serviceco", "another"]},
        {"aud": ["serviceco", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 1},
        {"iat": NOW.timestamp() + 9_999},
        {"nbf": NOW.timestamp() + 9_999},
        {"at_hash": "another"},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
    ],
    # By place, because some of them hold the present instant.
    ids=range(16),
)
async def test_a_token_with_a_wrong_word_is_refused(company, twisted):
    company.forger.twist = lambda claims: claims.update(twisted)
    assert not await company.sign_in()
    assert company.visitor.says("did not confirm who you are")
    company.forger.twist = lambda claims: None
    assert await company.sign_in()


async def test_a_token_of_several_audiences_that_names_us_is_taken(company):
    words = {"aud": ["serviceco", "another"], "azp": "serviceco", "at_hash": half_hash("at")}
    company.forger.twist = lambda claims: claims.update(words)
    assert await company.sign_in()


def half_hash(text: str) -> str:
    return base64url(sha256(text.encode()).digest()[:16])


def base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def unsigned(_: Forger, claims) -> str:
    token = signed(_, claims)
    header = base64url(b'{"alg":"none"}')
    return f"{header}.{token.split('.')[1]}."


def by_public_key_as_secret(forger: Forger, claims) -> str:
    """The old confusion: the public key, which everybody knows, as the secret of an HMAC."""
    _, payload, _ = signed(forger, claims).split(".")
    header = base64url(b'{"alg":"HS256","kid":"one"}')
    secret = forger.keys[0].as_pem(private=False)
    mac = hmac.new(secret, f"{header}.{payload}".encode(), sha256).digest()
    return f"{header}.{payload}.{base64url(mac)}"


def by_another_type(_: Forger, claims) -> str:
    return signed_by(ECKey.generate_key("P-256"), claims, alg="ES256", kid="one")


def by_another_key(_: Forger, claims) -> str:
    return signed_by(new_key("one"), claims, alg="RS256", kid="one")


def by_an_unknown_key(_: Forger, claims) -> str:
    return signed_by(new_key("two"), claims, alg="RS256", kid="two")


def with_its_own_key(_: Forger, claims) -> str:
    key = new_key("one")
    return signed_by(key, claims, alg="RS256", kid="one", jwk=key.as_dict(private=False))


def with_an_embedded_key(forger: Forger, claims) -> str:
    """Signed honestly, and still refused: a key has no place in a token."""
    return signed(forger, claims, jwk=forger.keys[0].as_dict(private=False))


def changed(forger: Forger, claims) -> str:
    header, payload, signature = signed(forger, claims).split(".")
    text = urlsafe_b64decode(payload + "==").replace(b"Li Na", b"Boss!")
    return f"{header}.{base64url(text)}.{signature}"


def nothing(_: Forger, __) -> str:
    return "nothing"


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        by_public_key_as_secret,
        by_another_type,
        by_another_key,
        by_an_unknown_key,
        with_its_own_key,
        with_an_embedded_key,
        changed,
        nothing,
    ],
)
async def test_a_token_that_is_not_signed_as_it_must_be_is_refused(company, sign):
    company.forger.sign = sign
    assert not await company.sign_in()
    assert company.visitor.says("did not confirm who you are")


async def test_a_provider_may_change_its_keys_and_is_not_asked_without_end(company):
    assert await company.sign_in()
    asked = company.forger.asked_for_keys
    company.forger.keys = [new_key("two")]
    assert await company.sign_in()
    assert company.forger.asked_for_keys == asked + 1
    company.forger.sign = by_an_unknown_key
    company.forger.keys = [new_key("three")]
    other = elsewhere(company.visitor)
    for _ in range(3):
        assert not await company.come_back(await company.leave(other), other)
    assert company.forger.asked_for_keys == asked + 1


async def test_an_answer_serves_once(company):
    back = await company.leave()
    other = elsewhere(company.visitor)
    other.client.cookies.update(company.visitor.client.cookies)
    assert await company.come_back(back)
    company.forger.codes[back["code"]] = {"redirect_uri": "", "client_id": "", "nonce": ""}
    assert not await company.come_back(back, other)
    assert other.says("Please begin again")


async def test_an_answer_of_another_browser_is_refused(company):
    back = await company.leave()
    victim = elsewhere(company.visitor)
    assert not await company.come_back(back, victim)
    await company.leave(victim)
    assert not await company.come_back(back, victim)
    assert victim.says("Please begin again")


@pytest.mark.parametrize("state", ["", "x", "é"])
async def test_an_answer_without_its_state_is_refused(company, state):
    back = await company.leave()
    assert not await company.come_back(back | {"state": state})


async def test_a_code_is_exchanged_once(company):
    first = await company.leave()
    assert await company.come_back(first)
    other = elsewhere(company.visitor)
    second = await company.leave(other)
    assert not await company.come_back(second | {"code": first["code"]}, other)


@pytest.mark.parametrize("issuer", ["https://honest.example", ""])
async def test_an_answer_in_the_name_of_another_provider_is_refused(company, issuer):
    back = await company.leave()
    assert not await company.come_back(back | {"iss": issuer})


async def test_a_provider_that_promises_its_name_must_say_it(company):
    back = await company.leave()
    del back["iss"]
    assert not await company.come_back(back)


async def test_an_answer_is_not_taken_at_the_door_of_another_provider(
    company, auth_engine, tenant_id, owner_url
):
    other = await provide(
        auth_engine,
        tenant_id,
        company.forger.issuer,
        "two." + company.domain,
        owner_url=owner_url,
    )
    back = await company.leave()
    await company.visitor.get(f"/sign-in/with/{other}/return?{urlencode(back)}")
    assert not await company.visitor.is_signed_in()
    assert not await company.come_back(back)


async def test_a_provider_that_says_no_is_heard(company):
    back = await company.leave()
    del back["code"]
    assert not await company.come_back(back | {"error": "access_denied"})


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "li@elsewhere.example"},
        {"email": None},
    ],
    ids=str,
)
async def test_an_email_that_the_provider_may_not_speak_for_opens_nothing(company, person):
    company.forger.person.update(person)
    assert not await company.sign_in()
    assert company.visitor.says("does not vouch for your e-mail address")


async def test_a_domain_that_the_operator_has_not_confirmed_opens_nothing(
    company, auth_engine, tenant_id
):
    actor, domain = system_actor(tenant_id), "new." + company.domain
    terms = ProviderTerms(
        name="New", issuer=company.forger.issuer, client_id="serviceco", domains=(domain,)
    )
    async with unit_of_work(auth_engine, tenant_id) as session:
        provider = await save_provider(session, actor, terms, key=b"k" * 32, at=NOW)
    company.provider_id = provider.id
    company.forger.person["email"] = f"li@{domain}"
    assert not await company.sign_in()
    answer = await company.visitor.post("/sign-in/company", "/sign-in", email=f"li@{domain}")
    assert answer.status_code == 422


async def test_a_provider_opens_its_own_company_and_no_other(company, auth_engine, tenant_id):
    """Its administrators could name anybody; what somebody may do elsewhere is out of their reach."""
    stranger = UUID(int=tenant_id.int ^ 1)
    somebody = await person(auth_engine, stranger)
    await rename(auth_engine, somebody.account, company.email)
    assert await company.sign_in()
    await company.visitor.get("/me/security")
    assert company.visitor.says("It keeps your password")
    form = {"app_password": PASSWORD}
    answer = await company.visitor.post("/me/security/app", "/me/sign-ins", **form)
    assert answer.status_code == 422
    async with global_work(auth_engine) as session:
        homes = await session.scalars(
            select(Membership.tenant_id).where(Membership.account_id == somebody.account.id)
        )
    assert set(homes) == {stranger, tenant_id}


async def test_who_was_invited_is_linked_and_keeps_their_roles(company, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    await rename(auth_engine, somebody.account, company.email)
    company.forger.person["groups"] = ["bench"]
    assert await company.sign_in()
    membership = await membership_of(auth_engine, somebody.account, tenant_id)
    assert membership.roles == ["front_desk"]


async def test_a_provider_for_invited_people_makes_no_accounts(
    company, auth_engine, tenant_id, owner_url
):
    domain = "invited." + company.domain
    company.provider_id = await provide(
        auth_engine,
        tenant_id,
        company.forger.issuer,
        domain,
        owner_url=owner_url,
        admission=Admits.INVITED,
    )
    company.forger.person["email"] = f"li@{domain}"
    assert not await company.sign_in()
    async with global_work(auth_engine) as session:
        assert await find_account(session, f"li@{domain}") is None


async def test_a_deactivated_person_stays_out(company, auth_engine, tenant_id):
    assert await company.sign_in()
    account = await account_of(auth_engine, company.email)
    membership = await membership_of(auth_engine, account, tenant_id)
    async with global_work(auth_engine) as session:
        (await session.get_one(Membership, membership.id)).is_active = False
    assert not await company.sign_in()


async def test_people_of_a_brand_come_through_its_provider(company, auth_engine, make):
    brand = await make.brand()
    domain = "brand." + company.domain
    actor = brand_operator(brand.id)
    terms = ProviderTerms(
        name="Brand",
        issuer=company.forger.issuer,
        client_id="serviceco",
        domains=(domain,),
        admission=Admits.RULE,
        group_rules=(GroupRule(group="desk", role="claims_reviewer"),),
    )
    async with global_work(auth_engine) as session:
        provider = await save_provider(session, actor, terms, key=b"k" * 32, at=NOW)
        await confirm_domain(session, actor, domain, provider_id=provider.id, at=NOW)
    company.provider_id = provider.id
    company.forger.person["email"] = f"li@{domain}"
    await company.sign_in()
    account = await account_of(auth_engine, f"li@{domain}")
    async with global_work(auth_engine) as session:
        live = await find_live_sign_in(
            session, token_hash(company.visitor.client.cookies["serviceco"]), at=NOW
        )
    assert live
    assert (live.account_id, live.brand_id, live.tenant_id) == (account.id, brand.id, None)
    assert live.roles == ("claims_reviewer",)


async def test_an_email_finds_its_provider_and_a_company_shows_its_own(company, tenant_id):
    answer = await company.visitor.post("/sign-in/company", "/sign-in", email=company.email)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/sign-in/with/{company.provider_id}?")
    await company.visitor.get(answer.headers["location"])
    assert f"/sign-in/with/{company.provider_id}/go?" in company.visitor.page
    await company.visitor.get(f"/sign-in/at/t-{tenant_id.hex}")
    assert company.visitor.says("Sign in with Entry")
    await company.visitor.get("/sign-in/at/nobody")
    assert not company.visitor.says("Sign in with Entry")


async def test_the_person_goes_where_they_were_going_and_nowhere_else(company):
    go = f"/sign-in/with/{company.provider_id}/go"
    for asked, path in (("/me/security", "/me/security"), ("//evil.example", "/")):
        answer = await company.visitor.get(f"{go}?{urlencode({'next': asked})}")
        back = company.forger.authorize(answer.headers["location"])
        place = f"/sign-in/with/{company.provider_id}/return?{urlencode(back)}"
        assert (await company.visitor.get(place)).headers["location"] == path


async def test_a_company_has_no_provider_in_the_open_network_of_its_host(
    owner_url, tmp_path, auth_engine, tenant_id, forger
):
    """In production nothing inside our own network is asked, nor anything by plain http."""
    domain = f"p{tenant_id.hex}.example"
    async with served(owner_url, Environment.PRODUCTION, tmp_path) as client:
        visitor = Visitor(client)
        for issuer in (forger.issuer, forger.issuer.replace("http://", "https://")):
            provider_id = await provide(auth_engine, tenant_id, issuer, domain, owner_url=owner_url)
            await visitor.get(f"/sign-in/with/{provider_id}/go")
            assert visitor.says("does not answer")
            domain = f"x.{domain}"
    assert forger.asked_for_keys == 0
