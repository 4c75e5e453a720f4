"""What PostgreSQL's own catalogue says about our tables: no exceptions."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import NullPool, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from serviceco.storage.base import Kind
from serviceco.storage.engines import Role, normal_url
from tests.isolation.declared import (
    BRAND_TABLES,
    CLASSES,
    EVERYBODYS_TABLES,
    TABLES,
    TENANT_TABLES,
)

OWN = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
OWN_OF_EITHER = OWN.replace("app.tenant_id", "app.brand_id")
OWN_BRAND = "(brand_id = (NULLIF(current_setting('app.brand_id'::text, true), ''::text))::uuid)"
ROLES = [role.value for role in Role]
# What the role of accounts and sign-ins reaches of a company, to change both in one transaction.
LIVES = ("live_sign_in", "live_member", "live_machine")
STAFFING = {"staff", "branch", "event", "idempotency_key"}
# What is a company's or a brand's: a brand reads its own, and of these columns.
SHOWN_TO_OWNING_BRANDS = {"webhook_endpoint", "webhook_delivery", "webhook_attempt"}
# It reads across companies: where work is due, and which order of which branch has a new event.
SEEN_BY_THE_RELAY = {"outbox_entry", "event", "repair_order", "webhook_delivery"}


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(normal_url(owner_url), poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def rows(owner: AsyncConnection, sql: str, **facts: object) -> Sequence[Any]:
    return (await owner.execute(text(sql), facts)).all()


async def test_every_table_is_declared_with_its_kind(owner):
    there = await rows(
        owner,
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p') and relname <> 'alembic_version'",
    )
    assert {name for (name,) in there} == set(TABLES)
    assert all(isinstance(declared.kind, Kind) for declared in CLASSES.values())


@pytest.mark.parametrize("table", TENANT_TABLES + BRAND_TABLES)
async def test_row_level_security_is_forced_on_each_owned_table(owner, table):
    [security] = await rows(
        owner,
        "select relrowsecurity, relforcerowsecurity from pg_class where oid = to_regclass(:t)",
        t=table,
    )
    assert security == (True, True)


async def policies_of(owner: AsyncConnection, table: str) -> list[object]:
    """Return (name, command, is permissive, roles, using, with check) of each policy."""
    found = await rows(
        owner,
        "select polname, polcmd::text, polpermissive, array(select rolname::text from pg_roles"
        " where oid = any(polroles)), pg_get_expr(polqual, polrelid),"
        " pg_get_expr(polwithcheck, polrelid)"
        " from pg_policy where polrelid = to_regclass(:t) order by polname",
        t=table,
    )
    return list(found)


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_row_level_security_holds_each_tenant_table(owner, table):
    expected: list[object] = [(f"{table}_app", "*", True, ["serviceco_app"], OWN, OWN)]
    if table in STAFFING:
        expected.append((f"{table}_auth", "*", True, ["serviceco_auth"], OWN, OWN))
    if table in SHOWN_TO_OWNING_BRANDS:
        brand = ["serviceco_brand"]
        expected.append((f"{table}_brand", "r", True, brand, OWN_OF_EITHER, None))
        expected.append((f"{table}_brand_wall", "r", False, brand, OWN_OF_EITHER, None))
    if table in SEEN_BY_THE_RELAY:
        expected.append((f"{table}_relay", "r", True, ["serviceco_relay"], "true", None))
    assert await policies_of(owner, table) == expected


@pytest.mark.parametrize("table", BRAND_TABLES)
async def test_row_level_security_holds_each_brand_table(owner, table):
    """A company reaches what it wrote; a brand reads what is its own, and a wall holds it there."""
    brand = ["serviceco_brand"]
    assert await policies_of(owner, table) == [
        (f"{table}_app", "*", True, ["serviceco_app"], OWN, OWN),
        (f"{table}_brand", "r", True, brand, OWN_BRAND, None),
        (f"{table}_brand_wall", "r", False, brand, OWN_BRAND, None),
    ]


@pytest.mark.parametrize("table", BRAND_TABLES)
def test_every_key_of_a_brand_table_holds_the_brand(table):
    declared = TABLES[table]
    assert next(iter(declared.primary_key.columns)).name == "brand_id"
    for constraint in declared.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert "brand_id" in constraint.columns
    assert not [i for i in declared.indexes if i.unique and "brand_id" not in i.columns]


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_key_of_a_tenant_table_holds_the_tenant(table):
    declared = TABLES[table]
    assert next(iter(declared.primary_key.columns)).name == "tenant_id"
    for constraint in declared.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert "tenant_id" in constraint.columns
    for index in declared.indexes:
        if index.unique:
            assert "tenant_id" in index.columns


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_every_unique_index_in_the_database_holds_the_tenant(owner, table):
    loose = await rows(
        owner,
        "select i.indexrelid::regclass::text from pg_index i where i.indrelid = to_regclass(:t)"
        " and i.indisunique and not exists (select from pg_attribute a"
        " where a.attrelid = i.indrelid and a.attname = 'tenant_id' and a.attnum = any(i.indkey))",
        t=table,
    )
    assert list(loose) == []


async def foreign_keys(owner: AsyncConnection) -> Sequence[Any]:
    """Return (constraint, from table, to table, [(from column, to column)], on delete)."""
    return await rows(
        owner,
        """
        select conname, conrelid::regclass::text, confrelid::regclass::text,
               array(select array[mine.attname::text, theirs.attname::text]
                     from unnest(conkey, confkey) as pair(m, t)
                     join pg_attribute mine on mine.attrelid = conrelid and mine.attnum = pair.m
                     join pg_attribute theirs on theirs.attrelid = confrelid and theirs.attnum = pair.t),
               confdeltype::text
        from pg_constraint where contype = 'f'
        """,
    )


async def test_foreign_keys_carry_the_tenant_and_never_point_from_all_to_one(owner):
    wrong = []
    for name, source, target, pairs, on_delete in await foreign_keys(owner):
        kinds = (CLASSES[source].kind, CLASSES[target].kind)
        if kinds == (Kind.TENANT, Kind.TENANT):
            carries = ["tenant_id", "tenant_id"] in pairs
        elif kinds == (Kind.BRAND, Kind.BRAND):
            carries = ["brand_id", "brand_id"] in pairs
        else:
            carries = kinds in {(Kind.TENANT, Kind.GLOBAL), (Kind.GLOBAL, Kind.GLOBAL)}
        # 'a' is NO ACTION, 'c' CASCADE; SET NULL would write to the tenant column too.
        if not carries or on_delete not in {"a", "c"}:
            wrong.append(name)
    assert wrong == []


async def test_no_table_has_a_trigger(owner):
    assert list(await rows(owner, "select tgname from pg_trigger where not tgisinternal")) == []


async def test_our_roles_own_nothing_and_pass_no_policy_by(owner):
    strong = await rows(
        owner,
        "select rolname from pg_roles where rolname = any(:roles) and (rolsuper or rolbypassrls"
        " or rolcreaterole or rolcreatedb or rolreplication or not rolcanlogin)",
        roles=ROLES,
    )
    owned = await rows(
        owner,
        "select relname from pg_class join pg_roles r on r.oid = relowner"
        " where r.rolname = any(:roles)",
        roles=ROLES,
    )
    assert (list(strong), list(owned)) == ([], [])


async def privileges(owner: AsyncConnection) -> set[tuple[str, str, str]]:
    """Return (role, table, privilege) of everybody but the owner; PUBLIC is `public`."""
    found = await rows(
        owner,
        "select coalesce(r.rolname, 'public'), c.relname, acl.privilege_type from pg_class c"
        " cross join aclexplode(c.relacl) acl left join pg_roles r on r.oid = acl.grantee"
        " where c.relnamespace = 'public'::regnamespace and acl.grantee <> c.relowner",
    )
    return {(role, table, privilege) for role, table, privilege in found}


async def test_nobody_may_truncate_reference_or_trigger_and_the_public_nothing(owner):
    granted = await privileges(owner)
    assert {privilege for _, _, privilege in granted} <= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {role for role, _, _ in granted} <= set(ROLES)


async def test_only_the_application_and_whoever_changes_staff_reach_tenant_tables(owner):
    strangers = {
        (role, table)
        for role, table, _ in await privileges(owner)
        if table in TENANT_TABLES and role != Role.APP.value
    }
    assert strangers == {(Role.AUTH.value, table) for table in STAFFING}


async def test_a_brand_reads_its_projections_and_no_table_of_a_company(owner):
    """The role of brands has no grant on which a forgotten filter could stand."""
    granted = {
        (table, privilege)
        for role, table, privilege in await privileges(owner)
        if role == Role.BRAND.value
    }
    readable = {*BRAND_TABLES, "brand", "live_sign_in"}
    assert granted == {(table, "SELECT") for table in readable}
    of_columns = await rows(
        owner,
        "select attrelid::regclass::text, attname::text, acl.privilege_type from pg_attribute"
        " cross join aclexplode(attacl) acl"
        " join pg_roles r on r.oid = acl.grantee where rolname = 'serviceco_brand'",
    )
    assert {table for table, _, _ in of_columns} == SHOWN_TO_OWNING_BRANDS
    assert {privilege for _, _, privilege in of_columns} == {"SELECT"}
    hidden = {"secret", "old_secret", "branch_id", "event_seq", "event_hash", "claimed_until"}
    assert not hidden & {column for _, column, _ in of_columns}


async def test_the_relay_sees_when_work_is_due_and_not_what_it_is(owner):
    seen = await rows(
        owner,
        "select table_name::text, column_name::text, privilege_type::text"
        " from information_schema.column_privileges where grantee = 'serviceco_relay'",
    )
    assert {table for table, _, _ in seen} == SEEN_BY_THE_RELAY
    assert {privilege for _, _, privilege in seen} == {"SELECT"}
    instants = {"due_at", "claimed_until", "done_at", "parked_at", "status"}
    ids = {"tenant_id", "id", "subject_id", "branch_id", "endpoint_id", "imported_from"}
    assert {column for _, column, _ in seen} <= ids | instants


async def test_what_is_only_ever_added_cannot_be_changed(owner):
    append_only = {name for name, declared in CLASSES.items() if declared.is_append_only}
    assert {"event", "entry", "posting"} <= append_only
    changing = {
        (role, table)
        for role, table, privilege in await privileges(owner)
        if table in append_only and privilege in {"UPDATE", "DELETE"}
    }
    assert changing == set()


async def test_the_application_reads_no_password_no_session_and_no_key(owner):
    readable = {
        table
        for role, table, privilege in await privileges(owner)
        if role == Role.APP.value and table in EVERYBODYS_TABLES and privilege == "SELECT"
    }
    hidden = {
        "access_token",
        "account",
        "client_secret",
        "invitation",
        "machine_client",
        "machine_key",
        "membership",
        "password_reset",
        "sign_in",
        "sign_in_throttle",
        "signing_key",
    }
    hidden |= {"totp", "recovery_code", "passkey", "pending_sign_in", "sign_in_rule"}
    hidden |= {"identity_provider", "provider_domain", "federated_identity"}
    assert not readable & hidden


async def test_views_show_whether_a_sign_in_lives_and_nothing_more(owner):
    views = await rows(
        owner,
        "select c.relname::text, array(select attname::text from pg_attribute"
        " where attrelid = c.oid and attnum > 0 order by attnum) from pg_class c"
        " where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')",
    )
    assert dict(views) == {view: ["token_hash", "version", "expires_at"] for view in LIVES}


async def test_no_function_of_ours_runs_with_its_owners_rights(owner):
    assert not await rows(
        owner,
        "select proname from pg_proc where prosecdef"
        " and pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)",
    )
