"""The second step of signing in: a code, a passkey, or setting up an app first."""

import json

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType

from serviceco.core.refusals import Refusal
from serviceco.edge.doors import IdentityDoors
from serviceco.edge.gate import Visit
from serviceco.edge.second_steps import Challenge
from serviceco.edge.sign_ins import SECOND_STEP
from serviceco.web.desk import Desk
from serviceco.web.forms import Form
from serviceco.web.refused import refused_by
from serviceco.web.sign_in import local_path, sign_in_page, with_cookie


class SecondStepPages(Controller):
    """What stands between a right password and a session; and passkeys, which need no password."""

    include_in_schema = False

    @get(SECOND_STEP, public=True)
    async def show(
        self,
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Ask for what the sign-in under way waits for."""
        return await _page(visit, desk, identity, Form.holding(code=""))

    @post(SECOND_STEP, public=True)
    async def go_on(
        self,
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Take the code, and go where the person was going."""
        try:
            opened = await identity.second_steps.by_code(visit, form.text("code"))
        except Refusal as refusal:
            form.refuse(refused_by(refusal, desk.language))
            return await _page(visit, desk, identity, form)
        next_path = local_path(opened.next_path)
        if opened.codes:
            answer = desk.page("recovery_codes.html", codes=opened.codes, next_path=next_path)
            return with_cookie(answer, opened.cookie)
        return with_cookie(desk.see(next_path), opened.cookie)

    @post(f"{SECOND_STEP}/challenge", public=True)
    async def second_challenge(
        self,
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Tell the script which passkeys may answer, and the challenge."""
        try:
            return challenge_answer(await identity.second_steps.second_challenge(visit))
        except Refusal as refusal:
            return refusal_answer(refusal, desk)

    @post("/sign-in/passkey/challenge", public=True)
    async def challenge(
        self,
        visit: NamedDependency[Visit],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Tell the script the challenge for a passkey of anybody."""
        next_path = local_path(form.text("next"))
        return challenge_answer(await identity.second_steps.challenge(visit, next_path))

    @post("/sign-in/passkey", public=True)
    async def by_passkey(
        self,
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Take the passkey's answer to the challenge."""
        try:
            opened = await identity.second_steps.by_passkey(visit, form.text("credential"))
        except Refusal as refusal:
            form = Form.holding(next=form.text("next"))
            form.refuse(refused_by(refusal, desk.language))
            return sign_in_page(desk, form)
        return with_cookie(desk.see(local_path(opened.next_path)), opened.cookie)


def challenge_answer(challenge: Challenge) -> Response[str]:
    """Return a challenge as JSON for the script of passkeys."""
    answer = Response(challenge.options, media_type=MediaType.JSON)
    return with_cookie(answer, challenge.cookie) if challenge.cookie else answer


def refusal_answer(refusal: Refusal, desk: Desk) -> Response[str]:
    """Return a refusal's sentence as JSON for the script of passkeys, which shows it."""
    sentence = refused_by(refusal, desk.language).message
    return Response(json.dumps({"refused": sentence}), media_type=MediaType.JSON, status_code=422)


async def _page(visit: Visit, desk: Desk, identity: IdentityDoors, form: Form) -> Response[str]:
    try:
        asked = await identity.second_steps.asked(visit)
    except Refusal as refusal:
        form = Form.holding(next="", email="").refuse(refused_by(refusal, desk.language))
        return sign_in_page(desk, form)
    return desk.page("second_step.html", form=form, asked=asked)
