"""What a strict content security policy would make fail silently is not in the templates."""

import re

import pytest

from tests.tidy.tree import files, read

BANNED = {
    "a filter in hx-trigger is dropped and the request fires anyway": r"hx-trigger=\"[^\"]*\[",
    "hx-on needs eval": r"hx-on[:=-]",
    "hx-vals with js: needs eval": r"hx-vals=[\"']js:",
    "style attributes are refused": r"\sstyle=",
    "inline styles are refused": r"<style\b",
    "inline scripts are refused": r"<script\b(?![^>]*\bsrc=)",
    "event attributes are refused": r"\son[a-z]+=[\"']",
}


@pytest.mark.parametrize("reason", BANNED)
def test_templates_hold_nothing_that_the_browser_would_refuse(reason: str) -> None:
    offenders = [
        f"{path}: {found.group()}"
        for path in files("src/serviceco/web/templates/")
        if (found := re.search(BANNED[reason], read(path), re.IGNORECASE))
    ]
    assert offenders == []
