"""The web front as one ASGI application: its pages, guards, headers and error pages."""

from litestar import Litestar
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from serviceco.edge.gate import Visit
from serviceco.web.admin import AdminPages
from serviceco.web.assets import serve_asset
from serviceco.web.audit import AuditPages
from serviceco.web.bench import BenchPages
from serviceco.web.board import BoardPages
from serviceco.web.board_changes import BoardChangePages
from serviceco.web.branches import BranchPages
from serviceco.web.brand_aliases import BrandAliasPages
from serviceco.web.brand_portal import BrandPages
from serviceco.web.chart_library import serve_chart_library
from serviceco.web.claims import ClaimPages
from serviceco.web.clients import ClientPages
from serviceco.web.connections import PageRequest
from serviceco.web.contracts import ContractPages
from serviceco.web.csrf import TokenMint
from serviceco.web.desks import DeskMaker, require_sign_in
from serviceco.web.doors import Doors
from serviceco.web.drafts import DraftPages
from serviceco.web.errors import ErrorPages
from serviceco.web.evidence import EvidencePages
from serviceco.web.explorer import ExplorerPages
from serviceco.web.forms import submitted_form
from serviceco.web.gallery import GalleryPages
from serviceco.web.headers import security_headers
from serviceco.web.imports import ImportPages
from serviceco.web.inspection import InspectionPages
from serviceco.web.intake import IntakePages
from serviceco.web.joining import JoiningPages
from serviceco.web.languages import compile_catalogues
from serviceco.web.me import MePages
from serviceco.web.order_lists import OrderListPages
from serviceco.web.orders import OrderPages
from serviceco.web.own_security import OwnSecurityPages
from serviceco.web.own_sign_ins import OwnSignInPages
from serviceco.web.performance import PerformancePages
from serviceco.web.photos import show_photo
from serviceco.web.pickup import PickupPages
from serviceco.web.policies import PolicyPages
from serviceco.web.portal import PortalPages, TrackPages
from serviceco.web.prints import PrintPages
from serviceco.web.privacy import PrivacyPages
from serviceco.web.provider_sign_in import ProviderSignInPages
from serviceco.web.quote import QuotePages
from serviceco.web.replays import ReplayPages
from serviceco.web.scan import ScanPages
from serviceco.web.second_step import SecondStepPages
from serviceco.web.sides import require_own_side
from serviceco.web.sign_in import SignInPages
from serviceco.web.sign_in_settings import SignInSettingsPages
from serviceco.web.staff import RolePages, StaffPages
from serviceco.web.support import SupportConsentPages, SupportPages
from serviceco.web.views import Views
from serviceco.web.webhooks import BrandWebhookPages, WebhookPages

# Every controller of the site; a new page is one more line.
PAGES: tuple[ControllerRouterHandler, ...] = (
    SignInPages,
    JoiningPages,
    SecondStepPages,
    ProviderSignInPages,
    SignInSettingsPages,
    MePages,
    OwnSignInPages,
    OwnSecurityPages,
    ScanPages,
    IntakePages,
    DraftPages,
    OrderPages,
    InspectionPages,
    QuotePages,
    EvidencePages,
    BenchPages,
    PickupPages,
    PrintPages,
    PolicyPages,
    ReplayPages,
    BoardPages,
    BoardChangePages,
    OrderListPages,
    ClaimPages,
    PerformancePages,
    BrandAliasPages,
    BrandPages,
    ImportPages,
    AdminPages,
    BranchPages,
    ContractPages,
    StaffPages,
    RolePages,
    ClientPages,
    PrivacyPages,
    AuditPages,
    SupportConsentPages,
    SupportPages,
    PortalPages,
    TrackPages,
    WebhookPages,
    BrandWebhookPages,
    serve_chart_library,
    show_photo,
    serve_asset,
)


def web_app(
    *,
    doors: Doors,
    csrf_key: bytes,
    https: bool,
    development: bool = False,
) -> Litestar:
    """Return the pages as one ASGI application, to stand under the edge's middleware.

    `csrf_key` is 32 secret bytes that outlive a restart. `development` adds the gallery and the explorer, compiles
    changed catalogues and reads templates anew.
    """
    if development:
        compile_catalogues()
    mint = TokenMint(csrf_key)
    views = Views(development=development)
    desks = DeskMaker(documents=doors.documents, views=views, mint=mint, https=https)
    errors = ErrorPages(desks)

    def give_visit(request: PageRequest) -> Visit:
        return doors.identity.gate.visit(dict(request.scope))

    return Litestar(
        route_handlers=(*PAGES, GalleryPages, ExplorerPages) if development else PAGES,
        guards=[require_sign_in, require_own_side],
        before_request=mint.check,
        before_send=[security_headers(https=https)],
        exception_handlers=errors.handlers(),
        dependencies={
            "desk": Provide(desks.desk),
            "form": Provide(submitted_form),
            "changes": _given(doors.changes),
            "identity": _given(doors.identity),
            "invitations": _given(doors.invitations),
            "photos": _given(doors.photos),
            "sign_ins": _given(doors.sign_ins),
            "visit": Provide(give_visit, sync_to_thread=False),
            "links": _given(doors.links),
            "support": _given(doors.support),
        },
        openapi_config=None,
        logging_config=None,
    )


def _given(door: object) -> Provide:
    def give() -> object:
        return door

    return Provide(give, sync_to_thread=False)
