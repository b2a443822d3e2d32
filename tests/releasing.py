"""Releases as they come about: somebody asks for one, and kith-kpi makes it."""
from program import Program
from world import NOW, wait_until


def made(connection, *asked, status="published", seconds=60):
    """Waits until these releases, by their ids, are made: their rows."""
    def rows():
        return [connection.execute("SELECT to_jsonb(r) FROM release r WHERE id = %s", (one,)).fetchone()[0] for one in asked]

    wait_until(lambda: all(row["status"] != "asked" for row in rows()), "it is made", seconds)
    found = rows()
    assert all(row["status"] == status for row in found), found
    return found


def let_out(database, *asked, now=NOW, **settings):
    """The same by a worker that lives for it."""
    with database.connect("kith_migrate") as connection, Program("kith-kpi", **{
            "KITH_DATABASE_URL": database.uri("kith_kpi"), "KITH_CLOCK": now, **settings}):
        return made(connection, *asked)


def released(caller, school_year, **fields):
    """Asks by the API: the release as it is then."""
    asked = caller.created("releases", {"school_year": school_year, **fields})
    assert asked.json["status"] == "asked" and asked.json["finished_at"] is None
    let_out(caller.api.database, asked.id)
    return caller.get(f"/v1/releases/{asked.id}")
