"""How fast a list of 100,000 customers is beside one of 1,000: through the whole application, as a person signed in.

Each case is a request of the back office. Its statements are counted, the median of several requests is taken, and
every statement is explained: a table of many rows that is read from end to end to be sorted or searched is a full scan;
walking an index in its order up to a page of rows is none.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from benchmarks.billing import DAY, database, made_app, on_server
from benchmarks.billing import Place as BillingPlace
from config import ROOT

SIZES = (1_000, 100_000)
ROUNDS = 15
PAGE = 50
BIG = 500  # rows; reading a smaller table from end to end is what any planner does
PASSWORD = "ein Satz für die Messung"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to be measured."""

    case: str
    path: str
    method: str = "GET"


def cases(postgres: str) -> Iterator[dict[str, Any]]:
    """Figures of each case at each size; at the larger one also the ratio to the smaller."""
    for kind in ("sqlite", "postgresql"):
        small: dict[str, float] = {}
        for size in SIZES:
            with tempfile.TemporaryDirectory(prefix="kontor-bench-") as folder:
                for figures in measure(kind, size, Path(folder), postgres):
                    ms = small.setdefault(figures["case"], figures["ms"])
                    yield figures | ({"ratio": round(figures["ms"] / ms, 2)} if size != SIZES[0] else {})


def measure(kind: str, customers: int, folder: Path, postgres: str) -> Iterator[dict[str, Any]]:
    """Seed a house of that size and visit it."""
    from extensions import db

    app = made_app(prepare(kind, folder, postgres))
    try:
        with app.app_context():
            tags = seed(customers)
        desk = Desk(app, small=customers <= SIZES[0])
        for visit in visits(app, customers, tags):
            yield {"db": kind, "customers": customers, **desk.measure(visit)}
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def prepare(kind: str, folder: Path, postgres: str) -> BillingPlace:
    if kind == "sqlite":
        return BillingPlace(folder, f"sqlite:///{folder / 'lists.sqlite3'}", "")
    on_server(postgres, "DROP DATABASE IF EXISTS bench_lists WITH (FORCE)")
    on_server(postgres, "CREATE DATABASE bench_lists")
    return BillingPlace(folder, database(postgres, "bench_lists"), "")


def seed(customers: int) -> dict[str, int]:
    """A company, its customers with words, tags and open sums, and an owner to sign in."""
    from flask_migrate import upgrade

    from extensions import db
    from services import company, load, staff
    from services.actor import SYSTEM

    upgrade(directory=str(ROOT / "migrations"))
    company.found_company(
        SYSTEM, name="Messwerk GmbH", address="Prüfweg 1", zipcode="20095", city="Hamburg", tax_number="12/345/67890"
    )
    load.seed_load(SYSTEM, customers, DAY)
    tags = load.seed_lists(SYSTEM, customers)
    staff.add_staff(SYSTEM, "messung@example.com", role="Inhaber", name="Messung", password=PASSWORD)
    db.session.remove()
    if db.engine.dialect.name == "postgresql":  # what autovacuum does within a minute
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT", door="write") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return tags


def visits(app: Any, customers: int, tags: dict[str, int]) -> list[Visit]:
    """What a person asks of the list of customers."""
    deep = min(1000, customers // PAGE)
    return [
        Visit("page 1", "/admin/customers/"),
        Visit("page 1,000", f"/admin/customers/?after={place(app, '', deep)}"),
        Visit("page 1 by name", "/admin/customers/?sort=name"),
        Visit("page 1,000 by name", f"/admin/customers/?sort=name&after={place(app, 'name', deep)}"),
        Visit("last page", "/admin/customers/?before=end"),
        Visit("search mül", "/admin/customers/?search=m%C3%BCl"),
        Visit("search mül by name", "/admin/customers/?search=m%C3%BCl&sort=name"),
        Visit("search of all", "/admin/customers/?search=kunde"),
        Visit("tag on half", f"/admin/customers/?tag={tags['Viele']}"),
        Visit("tag on half by name", f"/admin/customers/?tag={tags['Viele']}&sort=name"),
        Visit("tag on ten", f"/admin/customers/?tag={tags['Wenige']}"),
        Visit("status", "/admin/customers/?status=blocked"),
        Visit("open amounts", "/admin/customers/?owing=open&sort=name"),
        Visit("export start", "/admin/customers/export/csv/?sort=name", "POST"),
    ]


def place(app: Any, sort: str, number: int) -> str:
    """The token of page `number`: that of the last row before it, found once outside of what is measured."""
    from extensions import db
    from models import Customer
    from queries.lists import position

    with app.app_context():
        keys = (Customer.sort_name, Customer.id) if sort else (Customer.id,)
        order = keys if sort else (Customer.id.desc(),)
        query = db.select(*keys).order_by(*order).offset((number - 1) * PAGE - 1).limit(1)
        found = db.session.execute(query).one()
        db.session.remove()
        return position.write(list(found), (number - 1) * PAGE)


class Desk:
    """A person signed in, whose requests are timed, counted and explained."""

    def __init__(self, app: Any, small: bool) -> None:
        from services import staff

        self.app, self.client, self.small = app, app.test_client(), small
        with app.app_context():
            token = staff.log_in("messung@example.com", PASSWORD, address="127.0.0.1", agent="bench").token
        with self.client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.client.get("/admin/").text)
        if found is None:
            raise SystemExit("nobody is signed in")
        self.token = found[1]

    def measure(self, visit: Visit) -> dict[str, Any]:
        statements = self.statements(visit)
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            self.visit(visit)
            times.append((time.perf_counter() - began) * 1000)
            self.forget(visit)
        lists = [each for each in statements if each[0].startswith("SELECT")]
        with self.app.app_context():
            raw, full = self.raw_ms(lists), any(scans_in_full(*each, avoidable=self.small) for each in lists)
        return {"case": visit.case, "statements": len(statements), "ms": round(statistics.median(times), 1),
                "raw_ms": raw, "full_scan": full}  # fmt: skip

    def forget(self, visit: Visit) -> None:
        """One person may only have a few files under way."""
        from models import Export
        from services.unit import write

        if visit.method == "POST":
            with self.app.app_context(), write() as session:
                session.query(Export).delete()

    def visit(self, visit: Visit) -> None:
        data = {"csrf_token": self.token} if visit.method == "POST" else None
        answer = self.client.open(visit.path, method=visit.method, data=data)
        if answer.status_code not in (200, 302):
            raise SystemExit(f"{visit.path}: {answer.status_code}")

    def statements(self, visit: Visit) -> list[tuple[str, Any]]:
        """What one such request sends to the database."""
        from extensions import db

        seen: list[tuple[str, Any]] = []

        def note(_c: Any, _u: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            seen.append((statement, parameters))

        with self.app.app_context():
            engine = db.engine
        self.visit(visit)
        event.listen(engine, "before_cursor_execute", note)
        self.visit(visit)
        event.remove(engine, "before_cursor_execute", note)
        self.forget(visit)
        return seen

    def raw_ms(self, statements: list[tuple[str, Any]]) -> float:
        """The same statements on the bare driver, their rows fetched."""
        from extensions import db

        times = []
        with db.engine.connect() as connection:
            cursor = connection.connection.cursor()
            for _ in range(ROUNDS):
                began = time.perf_counter()
                for statement, parameters in statements:
                    cursor.execute(statement, parameters)
                    cursor.fetchall()
                times.append((time.perf_counter() - began) * 1000)
        return round(statistics.median(times), 1)


def scans_in_full(statement: str, parameters: Any, avoidable: bool = False) -> bool:
    """Whether a large table is read from end to end for it.

    `avoidable` asks PostgreSQL whether an index could serve at all: a table of a few thousand rows it reads whole with
    good reason.
    """
    from extensions import db

    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return _sqlite_scan([tuple(row) for row in rows], big_tables(connection))
        if avoidable:
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        return _postgresql_scan(plan[0]["Plan"], big_tables(connection))


def big_tables(connection: Any) -> set[str]:
    from extensions import db

    names = db.metadata.tables
    return {name for name in names if (connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() or 0) > BIG}


def _sqlite_scan(rows: list[tuple[Any, ...]], big: set[str]) -> bool:
    """A scan beside a sorter reads everything first; one without walks in the order wanted and stops at the page."""
    for _id, parent, _, detail in rows:
        found = re.match(r"SCAN (\w+)(?! USING)", detail)
        beside = [each[3] for each in rows if each[1] == parent]
        if found and found[1] in big and any("TEMP B-TREE" in each for each in beside):
            return True
    return False


def _postgresql_scan(node: dict[str, Any], big: set[str], stops: bool = False) -> bool:
    """A table read in no order, unless a limit above stops it at the first rows."""
    kind = node["Node Type"]
    if kind == "Seq Scan" and node.get("Relation Name") in big and not stops:
        return True
    stops = kind == "Limit" or (
        stops and kind in ("Nested Loop", "Subquery Scan", "Append", "Incremental Sort", "Result")
    )
    return any(_postgresql_scan(child, big, stops) for child in node.get("Plans", []))


if __name__ == "__main__":
    for figures in measure(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]):
        sys.stdout.write(json.dumps(figures) + "\n")
