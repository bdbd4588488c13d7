"""What is read of the store while something else takes its time."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from kolbench.store.connect import Store

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")


class Ahead(Generic[Found]):
    """The answer to a question that is asked at once, in a thread and by a connection of its own."""

    def __init__(self, store: Store, question: Callable[[Store], Found]) -> None:
        self._found: list[Found] = []
        self._error: Exception | None = None

        def read() -> None:
            own = Store(store.path)
            try:
                self._found.append(question(own))
            except Exception as error:
                self._error = error
            finally:
                own.close()

        self._thread = Thread(target=read, name="ahead", daemon=True)
        self._thread.start()

    def value(self) -> Found:
        """The answer, as soon as it is there; raises what was raised over it."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found[0]
