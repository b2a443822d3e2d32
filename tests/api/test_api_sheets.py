"""Lists as spreadsheets: the same rows as in CSV, with days and numbers as such, and no formula."""

import glob
import io
import re
import socket
import zipfile
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from api_world import Tenant, running_api
from fields import least
from wire import wait_until

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LEFT_OVER = "/tmp/kith-sheet-*"


def column(reference):
    number = 0
    for letter in re.match("[A-Z]+", reference)[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def told(cell):
    """What a spreadsheet shows: a text, a number, a truth; a day by its format."""
    kind = cell.get("t")
    if kind == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda one: chr(int(one[1], 16)), text)  # ECMA-376 22.9.2.19
    value = cell.find(f"{MAIN}v").text
    if kind == "b":
        return value == "1"
    if cell.get("s", "0") != "0":
        return (date(1899, 12, 30) + timedelta(days=int(value))).isoformat()
    return float(value)


def file_of(caller, target, **headers):
    reply = caller.api.send("GET", target, None, {"Authorization": f"Bearer {caller.token}", "Accept": XLSX, **headers})
    assert reply.status == 200, reply
    return reply, zipfile.ZipFile(io.BytesIO(reply.body))


def rows_of(caller, target):
    """[{name: value}], without what is empty."""
    _, file = file_of(caller, target)
    sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{MAIN}f")), "a formula"
    lines = [{column(cell.get("r")): told(cell) for cell in row} for row in sheet.iter(f"{MAIN}row")]
    return [{lines[0][at]: value for at, value in line.items()} for line in lines[1:]], lines[0]


@pytest.mark.shows("everywhere.sheets")
def test_a_list_is_a_spreadsheet_for_whoever_asks_for_one(ours):
    director = ours.director
    texts = ["=1+1", "+1", "-1", "@a", "'quoted", "a\u0301 😀 שלום", "<b> & \"x\"", " spaces ", "http://example.org",
             "_x0041_", "_x_x0041_x0041_", "_x004"]
    for text in texts:
        director.partner(name="Sheet", description=text)
    need = director.created("needs", {**least(director, "needs"), "needed_by": "2027-01-15", "quantity": 10})
    found, names = rows_of(director, "/v1/partners?fields=name,description,in_directory&sort=created_at")
    assert list(names.values()) == ["id", "name", "description", "in_directory"]
    assert [row["description"] for row in found if row["name"] == "Sheet"] == texts
    assert {row["in_directory"] for row in found} == {False}
    row, = (row for row in rows_of(director, "/v1/needs")[0] if row["id"] == need.id)
    assert (row["needed_by"], row["quantity"], "internal_capacity" in row) == ("2027-01-15", 10, False)
    reply, file = file_of(director, "/v1/needs")
    assert reply.field("Content-Disposition") == 'attachment; filename="needs.xlsx"' and reply.field(
        "Content-Type") == XLSX
    assert file.testzip() is None and {"[Content_Types].xml", "xl/workbook.xml"} <= set(file.namelist())


def test_filters_masks_and_what_makes_a_page_are_as_in_csv(ours):
    ours.director.partner(name="Only", culture_notes="Private")
    target = "/v1/partners?fields=name,culture_notes&kind=nonprofit"
    for caller, shown in ((ours.director, True), (ours.viewer, False)):
        found, _ = rows_of(caller, target)
        assert any("culture_notes" in row for row in found) == shown
    for wrong in ("limit=3", "count=exact", "nonsense=1"):
        assert ours.director.get(f"/v1/partners?{wrong}", Accept=XLSX).status == 400
    assert ours.partner.get("/v1/partners", Accept=XLSX).status == 403
    assert ours.director.get(f"/v1/partners/{ours.director.partner().id}", Accept=XLSX).status == 406
    entries = ours.admin.get("/v1/audit", {"action": "exported", "limit": 50}).json["data"]
    assert entries, "who took which list is in the log"


def test_more_pages_than_one_and_the_limit_of_rows(database):
    with running_api(database, KITH_SHEET_ROWS=450) as api:
        tenant = Tenant(api, database)
        with database.connect("kith_migrate") as connection:
            connection.execute(
                "INSERT INTO tag (district_id, id, name, created_at, updated_at) "
                "SELECT %s, gen_random_uuid(), 'Tag ' || n, '2026-07-01Z', '2026-07-01Z' FROM generate_series(1, 450) n",
                (tenant.id,))
        found, _ = rows_of(tenant.viewer, "/v1/tags?sort=name")
        assert len(found) == 450 == len({row["name"] for row in found})
        tenant.director.created("tags", {"name": "One more"})
        refused = tenant.viewer.get("/v1/tags", Accept=XLSX)
        assert refused.status == 406 and "more than 450 rows" in refused.json["detail"]
        assert len(rows_of(tenant.viewer, "/v1/tags?created_at[lte]=2026-07-02T00:00:00Z")[0]) == 450, "fewer, as it says"


@pytest.mark.shows("everywhere.sheet_cells")
def test_the_limit_of_cells_leaves_fewer_rows_to_a_list_with_more_fields(database):
    with running_api(database, KITH_SHEET_CELLS=1000) as api:
        tenant = Tenant(api, database)

        def add(count):
            with database.connect("kith_migrate") as connection:
                connection.execute(
                    "INSERT INTO tag (district_id, id, name, created_at, updated_at) SELECT %s, gen_random_uuid(), "
                    "'Tag ' || gen_random_uuid(), '2026-07-01Z', '2026-07-01Z' FROM generate_series(1, %s) n",
                    (tenant.id, count))

        add(1)
        most = 1000 // len(rows_of(tenant.viewer, "/v1/tags")[1])
        add(most - 1)
        assert len(rows_of(tenant.viewer, "/v1/tags")[0]) == most
        add(1)
        refused = tenant.viewer.get("/v1/tags", Accept=XLSX)
        assert refused.status == 406 and f"more than {most} rows" in refused.json["detail"]
        assert len(rows_of(tenant.viewer, "/v1/tags?fields=id,name")[0]) == most + 1, "fewer fields, as it says"


def test_a_client_that_leaves_costs_nothing(ours):
    ours.director.partner()
    before = len(glob.glob(LEFT_OVER))
    for _ in range(3):
        with socket.create_connection((ours.api.host, 8080)) as one:
            one.sendall(f"GET /v1/partners HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ours.director.token}\r\n"
                        f"Accept: {XLSX}\r\n\r\n".encode())
    wait_until(lambda: len(glob.glob(LEFT_OVER)) <= before, "the files are gone")
    assert rows_of(ours.director, "/v1/partners")[0]
