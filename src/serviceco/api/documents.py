"""The documents that the web pages run, from `graphql/operations`: the allow-list in production."""

from collections.abc import Iterator, Mapping
from pathlib import Path


class Documents:
    """Texts of documents by the name of their file, which is the name of their operation."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take the texts by name."""
        self._texts = dict(texts)
        self._known = frozenset(self._texts.values())

    @classmethod
    def read(cls, folder: Path) -> "Documents":
        """Read every `Name.graphql` of a folder."""
        return cls({path.stem: path.read_text("utf-8") for path in folder.glob("*.graphql")})

    def text(self, name: str) -> str:
        """Return the document of that name.

        Raises:
            KeyError: there is none.
        """
        return self._texts[name]

    def __contains__(self, text: object) -> bool:
        """Tell whether a text is one of the documents, to the letter."""
        return text in self._known

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(sorted(self._texts))
