"""The form of an identity provider: what was typed as terms, and terms as a form."""

from uuid import UUID

from serviceco.edge.sign_in_settings import ShownProvider, TypedProvider
from serviceco.web.choices import chosen
from serviceco.web.forms import Form

# As many rules as the form has rows for; an empty row is no rule.
RULES = 8


def terms_of(form: Form) -> TypedProvider:
    """Return what the form says of a provider."""
    rules = (_rule(form, number) for number in range(1, RULES + 1))
    return TypedProvider(
        name=form.text("name"),
        issuer=form.text("issuer"),
        client_id=form.text("client_id"),
        client_secret=form.text("client_secret"),
        domains=tuple(form.text("domains").replace(",", " ").split()),
        by_rule=form.text("admission") == "rule",
        group_claim=form.text("group_claim"),
        rules=tuple(rule for rule in rules if rule is not None),
        default_role=form.text("default_role"),
        is_active=form.text("is_active") != "no",
    )


def form_of(provider: ShownProvider | None) -> Form:
    """Return the form that shows a provider; its secret is never shown again."""
    rules = provider.rules if provider else ()
    values: dict[str, object] = {
        "group_claim": "groups",
        "admission": "invited",
        "is_active": "yes",
    }
    values |= dict.fromkeys(("name", "issuer", "client_id", "client_secret", "domains"), "")
    values["default_role"] = ""
    for number in range(1, RULES + 1):
        rule = rules[number - 1] if number <= len(rules) else None
        values[f"group_{number}"] = rule.group if rule else ""
        values[f"role_{number}"] = rule.role if rule else ""
        values[f"branch_{number}"] = str(rule.branch_id or "") if rule else ""
    if provider is not None:
        values |= {
            "name": provider.name,
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "domains": " ".join(domain.name for domain in provider.domains),
            "admission": provider.admission,
            "group_claim": provider.group_claim,
            "default_role": next(iter(provider.default_roles), ""),
            "is_active": "yes" if provider.is_active else "no",
        }
    return Form.holding(**values)


def _rule(form: Form, number: int) -> tuple[str, str, UUID | None] | None:
    group, role = form.text(f"group_{number}"), form.text(f"role_{number}")
    if not group or not role:
        return None
    branch = chosen(form.text(f"branch_{number}"))
    return group, role, UUID(branch) if branch else None
