"""A bounded cache that forgets what was not used for longest."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Cache(Generic[Key, Kept]):
    """At most `size` values; not for use by several threads."""

    def __init__(self, size: int) -> None:
        """Start empty."""
        self._size = size
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def find(self, key: Key) -> Kept | None:
        """Return the value kept under the key, which counts as a use."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: Key, value: Kept) -> Kept:
        """Keep a value and return it; the one unused for longest goes when there are too many."""
        self._kept[key] = value
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value

    def __contains__(self, key: object) -> bool:
        """Tell whether a value is kept under the key, which is no use of it."""
        return key in self._kept

    def __len__(self) -> int:
        """Return how many values are kept."""
        return len(self._kept)
