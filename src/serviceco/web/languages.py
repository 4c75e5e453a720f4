"""Languages of the pages: which one a request gets, and the compiling of the catalogues."""

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.catalogues import (
    DOMAIN,
    FALLBACK_LANGUAGE,
    LANGUAGES,
    LOCALE_ROOT,
    known_language,
)
from serviceco.web.connections import Connection

LANGUAGE_COOKIE = "language"
ENDONYMS = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
BABEL_LOCALES = {"zh-Hans": "zh_Hans_CN", "zh-Hant": "zh_Hant_TW", "en": "en_GB"}


def language_of(connection: Connection, actor: Actor | None) -> str:
    """Choose by `?lang=`, then the cookie, then the account, then what the browser accepts: a customer has no account."""
    for asked in (connection.query_params.get("lang"), connection.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    if actor is not None and actor.kind is not ActorKind.CUSTOMER:
        return known_language(actor.language)
    first = connection.headers.get("accept-language", "").split(",")[0].split(";")[0]
    return known_language(first.strip() or FALLBACK_LANGUAGE)


def compile_catalogues() -> list[str]:
    """Compile every .po that is newer than its .mo; return the names of those compiled."""
    compiled = []
    for source in sorted(LOCALE_ROOT.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, abort_invalid=True)
        with target.open("wb") as binary:
            write_mo(binary, catalogue)
        compiled.append(source.parent.parent.name)
    return compiled


if __name__ == "__main__":
    compile_catalogues()
