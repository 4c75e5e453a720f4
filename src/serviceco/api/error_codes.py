"""Every code by which the API says no, for `graphql/errors.md`: `make schema` writes it anew."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pkgutil import walk_packages
from typing import TypeVar

import serviceco
from serviceco.api.errors import Rejection
from serviceco.core.refusals import Refusal

# Codes that no class stands for: those of the edge, and of what went wrong on our side.
OTHERS: Mapping[str, str] = {
    "FAULT": "Something went wrong on our side before the document was read; the message holds an id.",
    "FORGED_REQUEST": "Another site made a browser send this.",
    "INTERNAL": "Something went wrong on our side; `extensions.id` is what we find it by.",
    "INVALID_KEY": "The key or token is unknown, expired or revoked: get a new one.",
    "MISSING": "A value that may not be null could not be made; the field above it is null.",
}
_PAGE = """# Codes of errors

Decide by codes; sentences change, and come in the reader's language. A code stays what it is. This page is made by `make schema`.

## The document was not answered

In `errors[].extensions.code`, without `data`. The status is that of an answer in `application/graphql-response+json`; in
`application/json` it is 200, but 401.

| Code | Status | Meaning |
|---|---|---|
{rejections}

## Something failed

| Code | Meaning |
|---|---|
{others}

## A change was declined

In `data`, as `Refusal {{code message field}}`; nothing was changed, and the idempotency key is free. A computed field says it in
`errors` instead.

| Code | Meaning |
|---|---|
{refusals}
"""
No = TypeVar("No", bound=Exception)


def errors_page() -> str:
    """Return the page: rejections, faults and refusals, each with its code and its meaning."""
    return _PAGE.format(
        rejections=_rows(
            f"| `{kind.code}` | {kind.status} | {_meaning(kind)} |"
            for kind in _all(Rejection)
            if "code" in vars(kind)
        ),
        others=_rows(f"| `{code}` | {meaning} |" for code, meaning in OTHERS.items()),
        refusals=_rows(f"| `{kind.code}` | {_meaning(kind)} |" for kind in _refusals()),
    )


def _rows(rows: Iterable[str]) -> str:
    return "\n".join(sorted(set(rows)))


def _refusals() -> Iterator[type[Refusal]]:
    """Import every room's words, and give the refusals in them."""
    for module in walk_packages(serviceco.__path__, "serviceco."):
        if ".words" in module.name:
            import_module(module.name)
    for kind in _all(Refusal):
        if ".words" in kind.__module__ or kind.__module__ == Refusal.__module__:
            yield kind


def _all(base: type[No]) -> Iterator[type[No]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("serviceco."):
            yield kind
            yield from _all(kind)


def _meaning(kind: type) -> str:
    """Return the first paragraph of the class's docstring."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
