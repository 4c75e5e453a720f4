"""Evidence for a claim, sent from the page of its order."""

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.doors import Photos
from serviceco.web.evidence_facts import SIGNED_SLIP
from serviceco.web.forms import Form
from serviceco.web.orders import bare, order_page
from serviceco.web.photos import add_photos


class EvidencePages(Controller):
    """Takes the pictures; the page of the order says what the brand wants."""

    path = "/orders/{number:str}"
    # The edge has bounded the body already; pictures are larger than other forms.
    request_max_body_size = None
    include_in_schema = False

    @post("/evidence")
    async def add(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        photos: NamedDependency[Photos],
        number: FromPath[str],
    ) -> Response[str]:
        """Keep each picture in the slot that it was chosen for."""
        slots = await add_photos(request, desk, form, photos, number)
        if not slots:
            form.errors[f"photo.{SIGNED_SLIP}"] = desk.say("evidence.choose")
        if form.errors:
            return await order_page(desk, number, form)
        return desk.see(f"/orders/{bare(number)}#evidence", said="evidence_added", n=len(slots))
