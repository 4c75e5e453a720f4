"""A browser without scripts: it reads the token of a page's form and sends the form."""

import re
from datetime import UTC, datetime
from html import unescape

import httpx
import pyotp

from tests.identity.people import PASSWORD


class Visitor:
    """Somebody before the whole application."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = ""
        client.cookies.set("language", "en")

    async def get(self, path: str) -> httpx.Response:
        answer = await self.client.get(path)
        self.page = answer.text
        return answer

    async def post(self, path: str, on: str, **fields: str) -> httpx.Response:
        """Send a form that stands on a page."""
        await self.get(on)
        return await self.send(path, **fields)

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the page in view."""
        token = re.search(r'name="_csrf" value="([^"]+)"', self.page)
        assert token, self.page
        answer = await self.client.post(path, data={"_csrf": token[1], **fields})
        self.page = answer.text
        return answer

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/sign-in", "/sign-in", email=email, password=password)

    async def is_signed_in(self) -> bool:
        return (await self.client.get("/me/sign-ins")).status_code == 200

    def secret(self) -> str:
        """The authenticator app's secret, as the page in view shows it."""
        found = re.search(r'secret">([A-Z2-7]+)<', self.page)
        assert found, self.page
        return found[1]

    def codes(self) -> list[str]:
        """The recovery codes that the page in view shows."""
        return re.findall(r"<li>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</li>", self.page)

    def says(self, sentence: str) -> bool:
        return sentence in unescape(self.page)

    async def set_up_app(self) -> tuple[pyotp.TOTP, list[str]]:
        """Set an authenticator app up; return it and the recovery codes."""
        begun = await self.post("/me/security/app", "/me/security", app_password=PASSWORD)
        assert begun.headers["location"] == "/me/security/app"
        await self.get("/me/security/app")
        app = pyotp.TOTP(self.secret())
        await self.send("/me/security/app/code", code=app.now())
        return app, self.codes()


def elsewhere(visitor: Visitor) -> Visitor:
    """The same application before another browser."""
    transport = visitor.client._transport
    return Visitor(httpx.AsyncClient(transport=transport, base_url=visitor.client.base_url))


def next_code(app: pyotp.TOTP) -> str:
    """The code of the next half minute, which is accepted already and was surely not used."""
    return app.generate_otp(app.timecode(datetime.now(UTC)) + 1)
