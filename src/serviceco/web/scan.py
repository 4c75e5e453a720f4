"""The scan box: one address that opens whatever a code stands for."""

from urllib.parse import quote

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import ActorKind, Permission
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.scans import ScanKind, is_typed, read_scan


class ScanPages(Controller):
    """Where every scan goes first."""

    @get("/scan")
    async def open(self, request: PageRequest, desk: NamedDependency[Desk]) -> Response[str]:
        """Open an order by its number; a serial number goes to intake, and words to the search."""
        code = request.query_params.get("code", "")
        scan = read_scan(code)
        if scan.kind is ScanKind.ORDER:
            return desk.see(f"/orders/{scan.text}")
        if scan.kind is ScanKind.SERIAL:
            takes_in = desk.person.may(Permission.RECEIVE_DEVICE)
            if takes_in and not is_typed(code, desk.shell.country):
                return desk.see(f"/b/{desk.branch_code}/intake?code={quote(scan.text)}")
            return desk.see(f"/orders?q={quote(' '.join(code.split()))}")
        return desk.answer("scan.html", status=404, scan=scan)

    @get("/o/{number:str}", public=True)
    async def permalink(self, desk: NamedDependency[Desk], number: FromPath[str]) -> Response[str]:
        """Follow the short address that the QR code of an order holds.

        Staff come to the order; support to its own view; whoever else, to the customer's page.
        """
        kind = desk.actor.kind if desk.actor else None
        if kind is ActorKind.SUPPORT:
            return desk.see(f"/support/orders/{number}")
        is_staff = desk.actor is not None and desk.actor.may(Permission.READ_ORDERS)
        return desk.see(f"/orders/{number}" if is_staff else f"/track?number={number}")
