"""The files that say what a brand promises, what the law demands, and who the companies are."""

from serviceco.policy.packs.files import (
    Folder,
    open_brand,
    open_catalogue,
    open_law,
    open_policy,
    open_tenant,
    parse_policy,
    read_brand,
    read_catalogue,
    read_law,
    read_policy,
    read_tenant,
)
from serviceco.policy.packs.shapes import Read, json_schema
from serviceco.policy.packs.writing import facts_text, pack_text
from serviceco.policy.packs.yaml import BrokenPack, Problem, Source

__all__ = [
    "BrokenPack",
    "Folder",
    "Problem",
    "Read",
    "Source",
    "facts_text",
    "json_schema",
    "open_brand",
    "open_catalogue",
    "open_law",
    "open_policy",
    "open_tenant",
    "pack_text",
    "parse_policy",
    "read_brand",
    "read_catalogue",
    "read_law",
    "read_policy",
    "read_tenant",
]
