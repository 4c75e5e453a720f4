"""The registry of personal data: of whom each text column tells, so that export and erasure miss none.

It is one page on purpose, read as a whole by whoever answers for privacy. A text, array or JSON
column that is not in it fails a test. What is typed freely may name a person, and counts as personal.
"""

from collections.abc import Mapping
from enum import StrEnum


class Subject(StrEnum):
    """Of whom a column tells."""

    CUSTOMER = "customer"
    STAFF = "staff"
    NOBODY = "nobody"


_C, _S, _N = Subject.CUSTOMER, Subject.STAFF, Subject.NOBODY

# table: whom it tells of, by columns.
_REGISTER: Mapping[str, Mapping[Subject, str]] = {
    "access_token": {_N: "scopes"},
    "account": {_S: "email name password_hash language"},
    "audit_record": {
        _C: "reason",
        _S: "actor_name consented_by",
        _N: "actor_kind ticket order_number detail",
    },
    "branch": {_N: "code name address phone zone imported_as"},
    "brand": {_N: "code name names"},
    "brand_case": {
        _C: "serial",
        _N: "number company_slug company_name branch_code branch_name contract_number"
        " category_code category_names model_code model_name symptom_codes findings",
    },
    "brand_claim": {
        _N: "number company_slug company_name branch_code branch_name currency problems evidence"
    },
    "brand_claim_line": {_N: "code names currency policy_code policy_version clauses"},
    "brand_alias": {_N: "spelling printed"},
    "category": {_N: "code names"},
    "claim": {_N: "currency problems"},
    "claim_line": {_C: "evidence", _N: "code names currency"},
    "contract": {_N: "number category_codes"},
    "contract_branch": {_N: "category_levels"},
    "coverage_decision": {_N: "law_codes facts decision"},
    "customer": {_C: "name phone email address language"},
    "customer_link": {_N: "number"},
    "customer_words": {_C: "words language"},
    # A serial leads from a device to the person who owns it.
    "device": {_C: "serial second_serial serial_note", _N: "brand_printed model_printed"},
    "entry": {_N: "act"},
    "event": {_S: "actor_name", _N: "subject_kind act actor_kind detail"},
    # The name by which a provider knows a person.
    "federated_identity": {_S: "subject"},
    "handover": {_C: "collector note accessories"},
    "idempotency_key": {_C: "answer", _N: "client key request_hash"},
    "identity_provider": {
        _N: "name issuer client_id client_secret group_claim group_rules default_roles"
    },
    "import_run": {_C: "report", _N: "source file_name sha256"},
    # The row as it came, with the customer's own words.
    "imported_row": {_C: "fields", _N: "source key"},
    "intake_draft": {_C: "fields"},
    "inspection_result": {_C: "note", _N: "step_code reading unit finding_code"},
    "invitation": {_S: "email name", _N: "roles"},
    "law_version": {_N: "code version sha256 document"},
    "ledger_account": {_N: "code names"},
    "machine_client": {_N: "name scopes"},
    "machine_key": {_N: "name permissions"},
    "membership": {_N: "roles"},
    "order_line": {_C: "new_serial old_serial", _N: "code names component currency"},
    "outbox_entry": {_C: "failed", _N: "topic payload"},
    "passkey": {_S: "name"},
    "payment": {_C: "reference", _N: "currency"},
    "pending_sign_in": {_S: "next_path"},
    "photo": {_N: "slot sha256 media_type"},
    "policy_draft": {_S: "note", _N: "pack"},
    "policy_replay": {_N: "policy_code policy_version document"},
    "policy_replay_cell": {_N: "currency"},
    "policy_replay_order": {_N: "currency"},
    "policy_version": {_N: "code version sha256 document"},
    "posting": {_N: "account_code currency"},
    "product_model": {_N: "code name serial_pattern tac_prefixes gtin"},
    "proof_of_purchase": {_C: "number seller"},
    "provider_domain": {_N: "domain"},
    "quality_check": {_C: "note"},
    "quote": {_C: "note", _N: "currency lines"},
    "repair_order": {
        _C: "accessories condition_note fault_note remedy_note barrier",
        _N: "number symptom_codes condition_codes location currency imported_from imported_as",
    },
    "retention_rule": {_N: "kept"},
    # The words of names, telephones and serials.
    "search_key": {_C: "word"},
    "sign_in": {_S: "address agent"},
    "sign_in_rule": {_N: "second_factor_roles"},
    "sign_in_throttle": {_S: "subject"},
    "signing_key": {_N: "public sealed"},
    "staff": {_S: "code name"},
    "support_consent": {_S: "granted_by_name"},
    "support_session": {_S: "consented_by", _N: "ticket"},
    "symptom": {_N: "code names"},
    "tenant": {_N: "slug name currency zone language country"},
    "totp": {_S: "secret"},
    # What a receiver answers is its own, and may name anybody.
    "webhook_attempt": {_C: "answer"},
    "webhook_delivery": {_C: "answer", _N: "topic body"},
    "webhook_endpoint": {_S: "description", _N: "url kinds secret old_secret"},
}

SUBJECTS: Mapping[tuple[str, str], Subject] = {
    (table, column): subject
    for table, by_subject in _REGISTER.items()
    for subject, columns in by_subject.items()
    for column in columns.split()
}


def columns_about(subject: Subject) -> list[tuple[str, str]]:
    """Return the (table, column) pairs that tell of a subject, in order."""
    return sorted(pair for pair, whom in SUBJECTS.items() if whom is subject)
