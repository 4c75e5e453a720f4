"""Drafts of intakes: saved while somebody types, set aside by a button, and taken up again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.web.choices import chosen
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.formats import instant_text, masked_phone, relative_text
from serviceco.web.forms import Form
from serviceco.web.refused import Refused
from serviceco.web.shells import BranchChoice

# What a draft need not remember: the token, the key of the request, a scan half done.
_UNKEPT = ("_idem", "_ver", "code", "draft", "again")


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as the list shows it."""

    id: str
    title: str
    note: str
    address: str


class DraftPages(Controller):
    """Everybody at the counter of a branch goes on with its drafts."""

    path = "/b/{branch:str}/intake/drafts"
    include_in_schema = False

    @post("/")
    async def save(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        branch: FromPath[str],
    ) -> Response[str]:
        """Keep the form as it is; by the clock (`?auto`) the words to show, else the form again."""
        place = _place(desk, branch)
        draft = chosen(form.text("draft")) or new_draft()
        fields = {
            name: texts
            for name, texts in form.values.items()
            if name not in _UNKEPT and any(text.strip() for text in texts)
        }
        # A key of its own each time: the same draft is saved again and again.
        await desk.change(
            "SaveIntakeDraft", Form(), draftId=draft, branchId=place.id, fields=fields
        )
        if "auto" in request.query_params:
            at = instant_text(desk.now.isoformat(), place.zone, desk.language).split()[-1]
            words = desk.say("form.draft_saved", time=at)
            return Response(words, media_type=MediaType.TEXT, status_code=200)
        return desk.see(f"/b/{place.code}/intake?draft={draft}", said="draft_saved")

    @post("/{draft:uuid}/removal")
    async def discard(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        branch: FromPath[str],
        draft: FromPath[UUID],
    ) -> Response[str]:
        """Throw a draft away; one that is gone already is no matter."""
        place = _place(desk, branch)
        try:
            await desk.change("DiscardIntakeDraft", form, draftId=str(draft))
        except Refused as refused:
            if refused.code != "NOT_FOUND":
                raise
        return desk.see(f"/b/{place.code}/intake", said="draft_gone")


def new_draft() -> str:
    """Return the id under which a new form saves itself."""
    return str(new_id())


async def resumed(desk: Desk, draft: str) -> Form:
    """Return the form of a draft as it was typed.

    Raises:
        Refused: there is no such draft, for this person.
    """
    found = desk.found((await desk.read("IntakeDraft", id=draft))["intakeDraft"])
    return Form.holding(**{**found["fields"], "draft": [found["id"]]})


def draft_rows(
    desk: Desk, place: BranchChoice, drafts: Sequence[Mapping[str, Any]]
) -> list[DraftRow]:
    """Return the drafts of the counter, each by what of it is typed."""
    return [
        DraftRow(
            id=draft["id"],
            title=_title(draft["fields"]) or desk.say("draft.untitled"),
            note=" · ".join(
                part
                for part in (
                    relative_text(draft["savedAt"], place.zone, desk.language, desk.now),
                    draft["staff"]["name"] if draft["staff"] else "",
                )
                if part
            ),
            address=f"/b/{place.code}/intake?draft={draft['id']}",
        )
        for draft in drafts
    ]


def _title(fields: Mapping[str, Sequence[str]]) -> str:
    shown = [fields.get(name, [""])[-1] for name in ("name", "serial", "model_printed")]
    phone = fields.get("phone", [""])[-1]
    return " · ".join(part for part in (*shown, masked_phone(phone) if phone else "") if part)


def _place(desk: Desk, code: str) -> BranchChoice:
    desk.require(Permission.RECEIVE_DEVICE)
    return desk.branch(code)
