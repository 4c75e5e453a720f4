"""Warranty policies: what is in force and scheduled, what it says, and drafts on their way."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.lines import changed_lines
from serviceco.core.periods import local_day
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form
from serviceco.web.listing import address_of
from serviceco.web.policy_rows import exclusion_rows, term_rows
from serviceco.web.refused import Refused

LIST = "/hq/policies"
DRAFTS = f"{LIST}/drafts"
# Forms of one draft that need nothing but its id, with the sentence that greets afterwards.
ACTS: Mapping[str, tuple[str, str]] = {
    "submission": ("SubmitPolicyDraft", "draft_submitted"),
    "withdrawal": ("WithdrawPolicyDraft", "draft_withdrawn"),
}


class PolicyPages(Controller):
    """Published versions, and drafts of further ones."""

    path = LIST
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List versions with where they stand, and the drafts that are open."""
        desk.require(Permission.READ_POLICY)
        address = address_of(request, ())
        found = await desk.read("PolicyList", **address.place())
        return desk.page(
            "policy/list.html",
            rows=_with_standing(
                found["policyVersions"]["nodes"], str(local_day(desk.now, desk.shell.zone))
            ),
            drafts=found["policyDrafts"]["nodes"],
            pager=address.pager(found["policyVersions"]["pageInfo"]),
        )

    @get("/{version_id:uuid}")
    async def open(self, desk: NamedDependency[Desk], version_id: FromPath[UUID]) -> Response[str]:
        """Show a version as sentences."""
        desk.require(Permission.READ_POLICY)
        return await show_version(desk, version_id, Form())

    @post("/{version_id:uuid}/drafts")
    async def begin(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        version_id: FromPath[UUID],
    ) -> Response[str]:
        """Begin a draft from a version."""
        desk.require(Permission.WRITE_POLICY)
        try:
            made = await desk.change("OpenPolicyDraft", form, versionId=str(version_id))
        except Refused as refused:
            return await show_version(desk, version_id, form.refuse(refused))
        return desk.see(f"{DRAFTS}/{made['id']}", said="draft_opened")

    @get("/drafts/{draft_id:uuid}")
    async def edit(self, desk: NamedDependency[Desk], draft_id: FromPath[UUID]) -> Response[str]:
        """Show a draft, what the check says, and what it changes."""
        desk.require(Permission.READ_POLICY)
        return await show_draft(desk, draft_id, Form())

    @post("/drafts/{draft_id:uuid}")
    async def save(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        draft_id: FromPath[UUID],
    ) -> Response[str]:
        """Keep the text; what is wrong with it is said, not refused."""
        desk.require(Permission.WRITE_POLICY)
        said = {"text": form.text("text"), "version": form.version() or 0}
        return await _done(desk, form, draft_id, "SavePolicyDraft", **said) or desk.see(
            f"{DRAFTS}/{draft_id}", said="draft_saved"
        )

    @post("/drafts/{draft_id:uuid}/return")
    async def give_back(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        draft_id: FromPath[UUID],
    ) -> Response[str]:
        """Give a draft back with a note of what to mend."""
        desk.require(Permission.PUBLISH_POLICY)
        if not form.require(desk.say("form.required", field=FIELD), "note"):
            return await show_draft(desk, draft_id, form)
        return await _done(
            desk, form, draft_id, "ReturnPolicyDraft", note=form.text("note")
        ) or desk.see(f"{DRAFTS}/{draft_id}", said="draft_returned")

    @post("/drafts/{draft_id:uuid}/publication")
    async def publish(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        draft_id: FromPath[UUID],
    ) -> Response[str]:
        """Publish a draft, which cannot be undone: so a box is ticked first."""
        desk.require(Permission.PUBLISH_POLICY)
        if not form.ticked("sure"):
            form.errors[""] = desk.say("policy.tick_first")
            return await show_draft(desk, draft_id, form)
        return await _done(desk, form, draft_id, "PublishPolicyDraft") or desk.see(
            LIST, said="draft_published"
        )

    @post("/drafts/{draft_id:uuid}/{act:str}")
    async def act(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        draft_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Response[str]:
        """Hold a draft ready for review, or withdraw it."""
        desk.require(Permission.WRITE_POLICY)
        document, said = desk.found({"act": ACTS[act]} if act in ACTS else None)["act"]
        return await _done(desk, form, draft_id, document) or desk.see(
            f"{DRAFTS}/{draft_id}", said=said
        )


async def _done(
    desk: Desk, form: Form, draft_id: UUID, document: str, **more: object
) -> Response[str] | None:
    """Run a mutation on a draft; return the page with the refusal, None where it was done."""
    try:
        await desk.change(document, form, policyDraftId=str(draft_id), **more)
    except Refused as refused:
        form.is_late = refused.code == "CONFLICT"
        return await show_draft(desk, draft_id, form.refuse(refused))
    return None


async def show_version(desk: Desk, version_id: UUID, form: Form) -> Response[str]:
    """Show a version, with the form that was sent from its page."""
    found = await desk.read("PolicyPage", id=str(version_id))
    version = desk.found(found["policyVersion"])
    document = version["document"]
    categories = {one["code"]: one["names"] for one in found["categories"]}
    return desk.page(
        "policy/version.html",
        form=form,
        version=version,
        document=document,
        terms=term_rows(document, categories, desk.language),
        exclusions=exclusion_rows(document, desk.language),
        may_write=desk.person.may(Permission.WRITE_POLICY),
        **await _replays(desk, version["brand"], versionId=str(version_id)),
    )


async def show_draft(desk: Desk, draft_id: UUID, form: Form) -> Response[str]:
    """Show a draft, with the form that was sent from its page."""
    found = await desk.read("PolicyDraft", id=str(draft_id))
    draft = desk.found(found["policyDraft"])
    checked = await desk.read("PolicyDraftCheck", id=str(draft_id))
    if "text" not in form.values:
        form.put(text=draft["text"])
    person = str(desk.person.account_id)
    return desk.page(
        "policy/draft.html",
        form=form,
        draft=draft,
        findings=checked["policyDraftFindings"],
        faults=[one for one in checked["policyDraftFindings"] if not one["isWarning"]],
        changes=checked["policyDraftChanges"],
        clash=_shown(changed_lines(draft["text"], form.text("text"))) if form.is_late else [],
        may_write=desk.person.may(Permission.WRITE_POLICY),
        may_publish=desk.person.may(Permission.PUBLISH_POLICY),
        is_second=person not in {draft["changedBy"], draft["submittedBy"]},
        **await _replays(desk, draft["brand"], draftId=str(draft_id)),
    )


async def _replays(
    desk: Desk, brand: Mapping[str, Any], **of_what: str
) -> dict[str, list[Mapping[str, Any]]]:
    """Return the latest replays, and the versions to compare with, for who may try a policy."""
    if not desk.person.may(Permission.WRITE_POLICY):
        return {"replays": [], "others": []}
    found = await desk.read("PolicyReplays", brandId=brand["id"], **of_what)
    return {
        "replays": found["policyReplays"]["nodes"],
        "others": found["policyVersions"]["nodes"],
    }


def _shown(lines: list[str]) -> list[dict[str, str]]:
    return [{"kind": line[0], "text": line[1:]} for line in lines]


def _with_standing(rows: list[Mapping[str, Any]], today: str) -> list[dict[str, Any]]:
    """Say of each version, newest first, whether it decides today, later, or no more."""
    deciding: set[str] = set()
    shown = []
    for row in rows:
        brand = row["brand"]["id"]
        standing = "SCHEDULED" if row["effectiveFrom"] > today else "EARLIER"
        if standing == "EARLIER" and brand not in deciding:
            standing = "IN_FORCE"
            deciding.add(brand)
        shown.append({**row, "standing": standing})
    return shown
