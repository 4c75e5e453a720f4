"""Templates: one environment per language, with words, formats and components in reach of all.

A template names no import: `t`, `term`, the formats, `ui` (components) and `forms` (fields) are
globals. A block named like the id of a region can be rendered alone, for a swap of that region.
"""

import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from serviceco.core.catalogues import LANGUAGES, sentence
from serviceco.web import codes, formats
from serviceco.web.assets import ASSETS
from serviceco.web.decisions import coded, why_of
from serviceco.web.languages import ENDONYMS

TEMPLATES = Path(__file__).parent / "templates"
_LOADER = FileSystemLoader(TEMPLATES)


class CompiledOnce(BytecodeCache):
    """Compiles a template once for all languages: they differ in globals, not in code."""

    def __init__(self) -> None:
        """Begin with nothing compiled."""
        self._compiled: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code, unless the template's text has changed since."""
        checksum, code = self._compiled.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code beside the checksum of its text."""
        if bucket.code is not None:
            self._compiled[bucket.key] = bucket.checksum, bucket.code


_COMPILED = CompiledOnce()


class Views:
    """Renders pages and single blocks of them in a language."""

    def __init__(self, *, development: bool) -> None:
        """Make the three environments; in development a changed template is read again."""
        self._by_language = {
            language: _environment(language, development) for language in LANGUAGES
        }

    def render(
        self, language: str, template: str, block: str | None, facts: Mapping[str, Any]
    ) -> str:
        """Return the whole page, or only its block where the template has one of that name."""
        found = self._by_language[language].get_template(template)
        if block is None or block not in found.blocks:
            return found.render(facts)
        context = found.new_context(dict(facts))
        return "".join(found.blocks[block](context))


def _environment(language: str, development: bool) -> Environment:  # noqa: FBT001 - one private call
    environment = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=development,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.do"],
    )
    environment.globals.update(
        t=partial(sentence, language),
        term=lambda family, code: sentence(language, f"{family}.{str(code).lower()}"),
        coded=partial(coded, language),
        explained=partial(why_of, language=language),
        asset=ASSETS.url,
        new_idem=lambda: secrets.token_urlsafe(18),
        language=language,
        endonyms=ENDONYMS,
        qr_svg=codes.qr_svg,
        code128_svg=codes.code128_svg,
        **_formats(language),
    )
    environment.globals["ui"] = environment.get_template("parts/ui.html").module
    environment.globals["forms"] = environment.get_template("parts/forms.html").module
    return environment


def _formats(language: str) -> dict[str, Any]:
    """Return the formats with the language already in them."""
    return {
        "date": partial(formats.date_text, language=language),
        "instant": partial(formats.instant_text, language=language),
        "relative": partial(formats.relative_text, language=language),
        "day_in": partial(formats.day_text, language=language),
        "date_range": partial(formats.range_text, language=language),
        "money": formats.money_text,
        "amount_text": formats.amount_text,
        "percent": formats.percent_text,
        "count": formats.count_text,
        "big_count": partial(formats.big_count_text, language=language),
        "duration": partial(formats.duration_text, language=language),
        "phone": partial(formats.phone_text, language=language),
        "masked_phone": formats.masked_phone,
        "masked_name": formats.masked_name,
        "product": partial(formats.product_text, language=language),
        "in_language": partial(formats.in_language, language=language),
        "order_no": formats.order_number_text,
    }
