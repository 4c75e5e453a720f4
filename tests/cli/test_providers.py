from uuid import UUID

from serviceco.identity.provider_tables import IdentityProvider
from serviceco.identity.providers import find_by_email, rules_of
from serviceco.storage.engines import derived_key
from serviceco.storage.sealing import unsealed
from serviceco.storage.unit_of_work import global_work
from tests.cli.test_keys import serviceco

__all__ = ["serviceco"]  # the fixture


def arguments(tenant_id: UUID, *more: str) -> tuple[str, ...]:
    home = ("--home", f"t-{tenant_id.hex}", "--issuer", "https://id.example")
    return ("provider", "add", "Entry", *home, "--client-id", "us", *more)


async def test_an_added_provider_speaks_for_its_domains_and_its_secret_is_sealed(
    serviceco, auth_engine, owner_url, tenant_id
):
    domain = f"c{tenant_id.hex}.example"
    more = ("--domain", domain, "--client-secret", "hush", "--group", "a=b=technician")
    made = await serviceco(*arguments(tenant_id, *more))
    assert made.exit_code == 0, made.output
    async with global_work(auth_engine) as session:
        kept = await session.get_one(IdentityProvider, UUID(made.stdout.strip()))
        found = await find_by_email(session, f"somebody@{domain.upper()}")
    assert found is not None
    assert found.id == kept.id
    assert [(rule.group, rule.role) for rule in rules_of(kept)] == [("a=b", "technician")]
    assert kept.client_secret
    assert "hush" not in kept.client_secret
    assert unsealed(kept.client_secret, derived_key(owner_url, "identity")) == "hush"


async def test_a_domain_has_one_confirmed_provider(serviceco, tenant_id):
    domain = f"o{tenant_id.hex}.example"
    assert (await serviceco(*arguments(tenant_id, "--domain", domain))).exit_code == 0
    second = await serviceco(*arguments(tenant_id, "--domain", domain))
    assert second.exit_code == 1
    assert "Another sign-in service speaks for this domain." in second.output


async def test_what_is_no_provider_is_refused_in_a_sentence(serviceco, tenant_id):
    for more, sentence in (
        (("--domain", "not a domain"), "is no domain"),
        (("--group", "desk=king"), "There is no such role."),
        (("--group", "desk"), "is not GROUP=ROLE"),
    ):
        refused = await serviceco(*arguments(tenant_id, *more))
        assert refused.exit_code != 0
        assert sentence in refused.output
    command = ("provider", "confirm", "nobody.example", "--home", f"t-{tenant_id.hex}")
    assert "No provider" in (await serviceco(*command)).output
    assert "no company or brand" in (await serviceco(*command[:-1], "nobody")).output
