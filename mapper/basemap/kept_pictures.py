"""Keeps drawn map pictures in this process's memory, so that one costs its drawing once.

The key is what the picture shows, so nothing has to be thrown away when that changes; what was not
asked for longest goes first. In memory only: which places were looked at is nobody's business.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MOST_BYTES = 24_000_000


class KeptPictures:
    """Pictures by key, at most so many bytes of them."""

    def __init__(self, most_bytes: int = MOST_BYTES):
        """Begin with none."""
        self._most_bytes = most_bytes
        self._pictures: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def size_bytes(self) -> int:
        """Return how many bytes of pictures are kept."""
        return sum(len(picture) for picture in self._pictures.values())

    def get(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """Return the picture of a key; draw it where it is not kept."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
        # Drawn outside the lock: twice at the same moment is dearer, and still right.
        picture = draw()
        with self._lock:
            self._pictures[key] = picture
            self._pictures.move_to_end(key)
            while self.size_bytes > self._most_bytes:
                self._pictures.popitem(last=False)
        return picture

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._pictures.clear()


kept_pictures = KeptPictures()
