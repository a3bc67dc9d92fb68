"""What of a step can go on beside the rest of it, in a thread of its own: DuckDB and NumPy let go of Python at work."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from operator import itemgetter
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Beside:
    """A second pair of hands; without it, or while it is not `wanted`, what it would do is done at once."""

    def __init__(self, *, there: bool) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="monitor") if there else None
        self.wanted = there

    @contextmanager
    def doing(self, work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
        """While inside, `work` is under way; gives what waits for its result.

        However the block ends, the work is over then: nothing changes any more that might have to be taken back. What
        the work raises is raised at the end of the block, unless that raises first.
        """
        if self._pool is None or not self.wanted:
            result = work()
            yield lambda: result
            return
        future = self._pool.submit(work)
        try:
            yield future.result
        finally:
            wait([future])
        future.result()

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """What `work` gives for each of the items, in their order; either pair of hands takes the next one left."""
        left, done = iter(enumerate(items)), dict[int, Result]()

        def take() -> None:
            for place, item in left:
                done[place] = work(item)

        with self.doing(take):
            take()
        return [result for _, result in sorted(done.items(), key=itemgetter(0))]

    def close(self) -> None:
        """It is not needed any more."""
        if self._pool is not None:
            self._pool.shutdown()
