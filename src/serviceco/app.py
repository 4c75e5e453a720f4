"""The composition root: settings become engines, and those one ASGI application.

It is the only module that knows every front.
"""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.building import ApiSchema
from serviceco.api.documents import Documents
from serviceco.api.files import PhotoDoor
from serviceco.api.front import GraphQLFront
from serviceco.api.live import Live
from serviceco.api.meter import Allowance, Meter
from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.api.sockets import SocketFront
from serviceco.api.watching import Hub
from serviceco.core.actor import ActorKind, Permission
from serviceco.core.catalogues import refusal_sentence
from serviceco.core.places import project_folder
from serviceco.core.refusals import Refusal
from serviceco.edge.asgi import Application, Message, Receive, Scope, Send, refuse
from serviceco.edge.authentication import Authenticator
from serviceco.edge.cookies import PendingCookie, SignInCookie
from serviceco.edge.customer_links import CustomerLinks
from serviceco.edge.doors import IdentityDoors
from serviceco.edge.gate import Gate
from serviceco.edge.invitations import Invitations
from serviceco.edge.logs import end_batches
from serviceco.edge.measures import reader
from serviceco.edge.metrics import Metrics
from serviceco.edge.middleware import Edge
from serviceco.edge.oauth import OAuthFront
from serviceco.edge.support import SupportSessions
from serviceco.identity.links import LinkMint
from serviceco.identity.tokens import Issuer
from serviceco.settings import Settings
from serviceco.storage.engines import Role, derived_key, open_engine, role_url
from serviceco.storage.files import Files
from serviceco.web.documents import ApiDocuments, LiveChanges
from serviceco.web.doors import Doors
from serviceco.web.site import web_app

READY_SECONDS = 2.0
# A change may wait for another counter's, but not for ever; reads have a limit of their own.
LONGEST_STATEMENT = "10s"
# What an idle account may ask for at once, in seconds of its allowance.
SECONDS_READY = 10.0


class Connections:
    """The pools of one web process: changes, sign-ins, planned reads, and what others changed."""

    def __init__(self, owner_url: str) -> None:
        """Remember how to connect; each pool connects at its first need."""
        self.app = open_engine(role_url(owner_url, Role.APP), longest=LONGEST_STATEMENT)
        self.auth = open_engine(role_url(owner_url, Role.AUTH), longest=LONGEST_STATEMENT)
        self.relay = open_engine(
            role_url(owner_url, Role.RELAY), pool_size=1, longest=LONGEST_STATEMENT
        )
        self.reads = ReadPool(role_url(owner_url, Role.APP))
        self.brand_reads = ReadPool(role_url(owner_url, Role.BRAND), size=2)

    async def are_ready(self) -> bool:
        """Tell whether the database answers within two seconds."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                return await _answers(self.app)
        except (TimeoutError, OSError, SQLAlchemyError):
            return False

    async def close(self) -> None:
        """Give every connection back."""
        await self.app.dispose()
        await self.auth.dispose()
        await self.relay.dispose()
        await self.reads.close()
        await self.brand_reads.close()


class Fronts:
    """Sends each request to its front: GraphQL stands beside Litestar, which would slow it down."""

    def __init__(
        self,
        graphql: Application,
        sockets: Application,
        oauth: OAuthFront,
        web: Application,
        connections: Connections,
    ) -> None:
        """Keep the fronts, and the connections that close with the last request."""
        self._graphql = graphql
        self._sockets = sockets
        self._oauth = oauth
        self._web = web
        self._connections = connections

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, or take part in the server's start and stop."""
        if scope["type"] == "lifespan":
            return self._web(scope, receive, self._closing(send))
        if scope["type"] == "websocket":
            return self._socket(scope, receive, send)
        if scope["path"] == "/graphql":
            return self._graphql(scope, receive, send)
        if self._oauth.serves(scope["path"]):
            return self._oauth(scope, receive, send)
        return self._web(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/graphql":
            await self._sockets(scope, receive, send)
        else:
            await refuse(scope, send, 404, "NOT_FOUND", "There is no websocket here.")

    def _closing(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            # The server does not wait for what comes after this word.
            if message["type"] == "lifespan.shutdown.complete":
                await self._connections.close()
                end_batches()
            await send(message)

        return sent


def build(settings: Settings, owner_url: str, folder: Path) -> Edge:
    """Return the application of one web process; nothing connects before the first request.

    `folder` is where everything is kept; the pictures of orders lie in its `files`.
    """
    connections, schema = Connections(owner_url), service_schema()
    api, live = _api(schema, connections, settings), _live(schema, connections)
    documents = Documents.read(project_folder("graphql") / "operations")
    cookie = SignInCookie(https=settings.https)
    free = {Permission.ADHOC_DOCUMENTS} if settings.is_development else ()
    issuer = Issuer(settings.address, derived_key(owner_url, "signing keys"))
    links = LinkMint(derived_key(owner_url, "customer links"))
    authenticator = Authenticator(
        connections.auth, cookie, issuer=issuer, links=links, staff_may_also=frozenset(free)
    )
    identity = _identity(settings, owner_url, connections.auth, authenticator, cookie)
    web = web_app(
        doors=Doors(
            documents=ApiDocuments(api, documents),
            changes=LiveChanges(live, documents),
            photos=PhotoDoor(connections.app, Files(folder / "files")),
            sign_ins=identity.sign_ins,
            invitations=Invitations(connections.auth),
            identity=identity,
            links=CustomerLinks(connections.auth, connections.app, links),
            support=SupportSessions(connections.auth, connections.app, authenticator, cookie),
        ),
        csrf_key=derived_key(owner_url, "forms"),
        https=settings.https,
        development=settings.is_development,
    )
    return Edge(
        Fronts(
            GraphQLFront(api, documents),
            SocketFront(live, documents),
            OAuthFront(connections.auth, issuer),
            web,  # type: ignore[arg-type]  # Litestar types ASGI more narrowly than servers call it
            connections,
        ),
        authenticator,
        ready=connections.are_ready,
        https=settings.https,
        hang_up=live.stop,
        metrics=_metrics(settings, connections),
    )


def _metrics(settings: Settings, connections: Connections) -> Metrics:
    token = settings.metrics_token
    engines = {"app": connections.app, "auth": connections.auth, "relay": connections.relay}
    reads = {"reads": connections.reads, "brand_reads": connections.brand_reads}
    return Metrics(
        reader(connections.relay, engines, reads),
        token=token.get_secret_value() if token else None,
    )


def _identity(
    settings: Settings,
    owner_url: str,
    auth_engine: AsyncEngine,
    authenticator: Authenticator,
    cookie: SignInCookie,
) -> IdentityDoors:
    gate = Gate(
        engine=auth_engine,
        authenticator=authenticator,
        cookie=cookie,
        pending_cookie=PendingCookie(https=settings.https),
        secrets_key=derived_key(owner_url, "identity"),
        https=settings.https,
        public_url=settings.address if settings.public_url else None,
    )
    return IdentityDoors.at(gate, is_development=settings.is_development)


def _meter(settings: Settings) -> Meter:
    staff = Allowance(settings.staff_points_per_s, settings.staff_points_per_s * SECONDS_READY)
    machine = Allowance(
        settings.machine_points_per_s, settings.machine_points_per_s * SECONDS_READY
    )
    people = dict.fromkeys(
        (ActorKind.STAFF, ActorKind.BRAND, ActorKind.SUPPORT, ActorKind.CUSTOMER), staff
    )
    return Meter({**people, ActorKind.MACHINE: machine})


def _api(schema: ApiSchema, connections: Connections, settings: Settings) -> Api:
    api = Api(
        schema,
        engine=connections.app,
        auth_engine=connections.auth,
        pool=connections.reads,
        brand_pool=connections.brand_reads,
        say=_sentence_of_refusal,
    )
    api.limit(_meter(settings))
    return api


def _live(schema: ApiSchema, connections: Connections) -> Live:
    return Live(
        schema,
        Hub(connections.relay, connections.app),
        engine=connections.app,
        pool=connections.reads,
        say=_sentence_of_refusal,
    )


async def _answers(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return bool(await connection.scalar(text("SELECT true")))


def _sentence_of_refusal(refusal: Refusal, language: str) -> str:
    return refusal_sentence(language, refusal)
