"""A page to try documents on the API, with the rights of whoever is signed in."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from serviceco.web.desk import Desk

_FIRST_DOCUMENT = """query Board($first: Int!) {
  board(first: $first) {
    nodes { number status coverage receivedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
_FIRST_VARIABLES = '{"first": 5}'


class ExplorerPages(Controller):
    """Only in development: elsewhere people run the documents of the pages."""

    path = "/explorer"
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the editor, the answer and the schema; a script asks `/graphql` as any client does."""
        return desk.page("explorer.html", document=_FIRST_DOCUMENT, variables=_FIRST_VARIABLES)
