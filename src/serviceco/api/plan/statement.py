"""The one statement of a plan: its tenant bound, its sign-in checked, its answer made as bytes."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    cast,
    exists,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg

from serviceco.api.plan.access import Rights
from serviceco.api.plan.clauses import one_object
from serviceco.api.plan.parameters import Parameters
from serviceco.identity.tables import live_view

# Keeps PostgreSQL from pulling a sub-select up, so that the outer side runs first.
_FENCE = literal_column("0", Integer)


class _Compiler(PGCompiler_asyncpg):
    """Writes the constants of our own code as literals; only values of requests are parameters.

    The database's planner needs the constants to choose an index with a predicate.
    """

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        if bindparam.unique:
            options["literal_execute"] = True
        text: str = super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
        return text


class _Dialect(PGDialect_asyncpg):
    statement_compiler = _Compiler


_DIALECT = _Dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy


def bound(data: Select[Any], parameters: Parameters, rights: Rights) -> Select[Any]:
    """Return the statement that binds the tenant, and answers the row of `data` as JSON bytes.

    For whoever acts for a brand, it binds the brand instead.

    The setting is local to the statement's own transaction, and the inner side runs only after
    the outer side has set it: without it there are no rows, never all rows. Where `rights` are checked,
    a sign-in that no longer lives gives no row at all.
    """
    owner = cast(parameters.brand() if rights.of_brand else parameters.tenant(), Text)
    name = "app.brand_id" if rights.of_brand else "app.tenant_id"
    setting = func.set_config(name, owner, true()).label("owner")
    outer = select(setting).offset(_FENCE)
    if rights.is_checked:
        lives = live_view(rights.kind)
        outer = outer.where(
            exists(
                select(literal_column("1")).where(
                    lives.c.token_hash == parameters.token_hash(),
                    lives.c.version == parameters.version(),
                    lives.c.expires_at > func.now(),
                )
            )
        )
    context = outer.subquery("context")
    answer = func.convert_to(cast(one_object(data, "data row"), Text), "UTF8").label("json")
    inner = select(answer).where(context.c.owner.is_not(None)).offset(_FENCE).correlate(context)
    rows = inner.lateral("answer")
    return select(rows.c.json).select_from(context.join(rows, true()))


def unbound(data: Select[Any]) -> Select[Any]:
    """Return the statement for a transaction that has bound its tenant already: JSON as text."""
    return select(cast(one_object(data, "data row"), Text))


def as_text(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an expression as its own SQL text, where it has no parameters: quick to compile again."""
    compiled = expression.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return expression if compiled.positiontup else literal_column(compiled.string, expression.type)


def printed(statement: Select[Any]) -> tuple[str, list[str]]:
    """Return the SQL text and the names of its parameters, in the order of `$1`, `$2`, …."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return compiled.string, list(compiled.positiontup or ())
