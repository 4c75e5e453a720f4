"""A policy on its way to being published: where it stands, and what stops it."""

from enum import StrEnum

import msgspec

from serviceco.core.refusals import Refusal


class DraftStatus(StrEnum):
    """Where a draft stands. Only what is written is changed, only what is in review published."""

    WRITTEN = "written"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class DraftFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What the check says of a place in a draft, line and column counted from one."""

    line: int
    column: int
    message: str
    is_warning: bool


class DraftBroken(Refusal):
    """The check found faults in the draft; they are mended before anybody reviews it."""

    code = "DRAFT_BROKEN"


class DraftElsewhere(Refusal):
    """The draft is not where this act begins: it is in review, published or withdrawn by now."""

    code = "DRAFT_ELSEWHERE"


class SecondPersonNeeded(Refusal):
    """Who wrote or submitted a draft does not publish it: a second person does."""

    code = "SECOND_PERSON_NEEDED"


class TooManyDrafts(Refusal):
    """There are as many open drafts as there may be."""

    code = "TOO_MANY_DRAFTS"
