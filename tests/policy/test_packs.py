"""The packs of the demo world: they read, hold together, and pass the tests that they carry."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from opencc import OpenCC

from serviceco.core.canonical import canonical_hash
from serviceco.core.places import project_folder
from serviceco.policy.cases import failures
from serviceco.policy.checks import check_tenants
from serviceco.policy.packs import Folder, json_schema, read_law, read_policy, read_tenant
from serviceco.policy.rules import CompiledPolicy, compile_law, compile_policy, rows_of_law
from serviceco.policy.words import CategoryCover, Law, Policy, document_of, policy_of

FOLDER = Folder(project_folder("tenants"))
LAWS = {law.code: compile_law(law) for law in map(read_law, FOLDER.laws())}
POLICIES = {
    f"{tenant.parent.name}-{path.stem}": read_policy(path)
    for tenant in FOLDER.tenants()
    for path in FOLDER.policies(tenant)
}
COMPILED = {policy.code: compile_policy(policy) for policy in POLICIES.values()}
CASES = [(policy, case) for policy in POLICIES.values() for case in policy.tests]
# Characters that both scripts use, though the converter would replace them.
SHARED = set("台里后面只准干回伙注凶占布托系松游")
by_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())


def test_the_folder_has_no_errors():
    assert [str(problem) for problem in check_tenants(FOLDER.root) if not problem.is_warning] == []


@pytest.mark.parametrize(
    ("policy", "case"), CASES, ids=[f"{policy.code}: {case.name}" for policy, case in CASES]
)
def test_the_pack_decides_as_its_own_test_says(policy, case):
    assert failures(case, compile_policy(policy), LAWS) == []


@by_policy
def test_each_row_is_guarded_by_a_test_of_its_pack(policy):
    """Deleting any row makes a test of the pack fail."""
    unguarded = [
        name
        for name, thinner in _without_one_row(policy)
        if not _any_fails(policy, compile_policy(thinner))
    ]
    assert unguarded == []


def _any_fails(policy: Policy, thinner: CompiledPolicy) -> bool:
    return any(failures(case, thinner, LAWS) for case in policy.tests)


def _without_one_row(policy: Policy) -> Iterator[tuple[str, Policy]]:
    rows = policy.exclusions
    for n, row in enumerate(rows):
        yield row.rule, replace(policy, exclusions=(*rows[:n], *rows[n + 1 :]))
    for category, cover in policy.coverage.items():
        for component, term in cover.components.items():
            others = {name: own for name, own in cover.components.items() if name != component}
            thinner = CategoryCover(whole=cover.whole, components=others, law=cover.law)
            yield term.rule, replace(policy, coverage={**policy.coverage, category: thinner})
    for category in policy.coverage:
        rest = {name: cover for name, cover in policy.coverage.items() if name != category}
        yield category, replace(policy, coverage=rest)
    for n, start in enumerate(policy.start):
        yield start.proof, replace(policy, start=(*policy.start[:n], *policy.start[n + 1 :]))
    if policy.guarantee:
        yield policy.guarantee.rule, replace(policy, guarantee=None)


@pytest.mark.parametrize("law", [one.law for one in LAWS.values()], ids=LAWS.keys())
def test_each_permit_and_remedy_of_a_law_is_guarded_by_a_test_of_some_pack(law):
    in_play = {row.rule for row in rows_of_law(law, list(POLICIES.values()))}
    unguarded = [
        rule
        for rule, thinner in _law_without_one_row(law)
        if rule in in_play and not _fails_somewhere(thinner)
    ]
    assert unguarded == []


def _law_without_one_row(law: Law) -> Iterator[tuple[str, Law]]:
    for n, row in enumerate(law.permits):
        yield row.rule, replace(law, permits=(*law.permits[:n], *law.permits[n + 1 :]))
    for n, remedy in enumerate(law.remedies):
        yield remedy.rule, replace(law, remedies=(*law.remedies[:n], *law.remedies[n + 1 :]))


def _fails_somewhere(law: Law) -> bool:
    laws = {**LAWS, law.code: compile_law(law)}
    return any(failures(case, COMPILED[policy.code], laws) for policy, case in CASES)


@by_policy
def test_a_published_document_is_the_same_policy(policy):
    document = document_of(policy)
    assert policy_of(document) == policy
    assert canonical_hash(document_of(policy_of(document))) == canonical_hash(document)


def test_two_companies_have_three_brands_and_share_one_and_a_third_has_its_own():
    brands = {
        tenant.slug: {contract.brand for contract in tenant.contracts}
        for tenant in map(read_tenant, FOLDER.tenants())
    }
    assert sorted(len(served) for served in brands.values()) == [1, 3, 3]
    assert brands["qinghe"] & brands["anjie"] == {"xinghe"}


def test_law_clauses_that_nobody_checked_say_so():
    law = read_law(FOLDER.root / "_law" / "cn-sanbao-phone.yaml")
    assert {number for number, clause in law.clauses.items() if clause.source == "unread"} == {
        number
        for number, clause in law.clauses.items()
        if not clause.verified and number != "charger"
    }


def test_each_text_is_written_in_its_own_script():
    scripts = {"zh_hans": OpenCC("t2s"), "zh_hant": OpenCC("s2tw")}
    strays = [
        (path.name, language, sign, text)
        for path in sorted(FOLDER.root.rglob("*.yaml"))
        for language, text in re.findall(r"(zh_han[st]): ([^,}\n]*)", path.read_text())
        for sign in text
        if sign not in SHARED and scripts[language].convert(sign) != sign
    ]
    assert strays == []


def test_the_schema_for_editors_refuses_unknown_fields():
    schema = json_schema(Policy)
    assert schema["additionalProperties"] is False
    assert {"coverage", "exclusions", "inspection", "tests"} <= set(schema["properties"])
