"""Reading ahead: the next table is made in another thread while the one before is judged."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pyarrow as pa


def ahead(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same tables; one at most is ready that was not asked for yet."""
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as pool:
        coming = pool.submit(next, tables, None)
        try:
            while (table := coming.result()) is not None:
                coming = pool.submit(next, tables, None)
                yield table
        finally:
            wait([coming])
