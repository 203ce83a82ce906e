from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.core.history.database import Database


def test_several_may_create_it_at_once(tmp_path: Path) -> None:
    """Each makes the new file use its log, at which SQLite does not wait by itself."""
    for number in range(20):
        begin = threading.Barrier(4)

        def use(file: Path = tmp_path / f"{number}.sqlite3", begin: threading.Barrier = begin) -> int:
            begin.wait(10)
            with Database(file).transaction() as connection:
                return int(connection.execute("SELECT count(*) FROM screening").fetchone()[0])

        with ThreadPoolExecutor(4) as pool:
            assert [one.result() for one in [pool.submit(use) for _ in range(4)]] == [0] * 4
