"""The demo district: what is read of public files, and that it loads through the API, whole, once."""
import fcntl
import json
import os
import re
import secrets
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

import pytest

from world import BUILD, ROOT, environment_with

DEMO = os.path.join(ROOT, "deploy/demo")
EXCERPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data/nyc")
sys.path[:0] = [DEMO, os.path.join(ROOT, "tests/api")]
import files  # noqa: E402  pylint: disable=wrong-import-position
import figures  # noqa: E402  pylint: disable=wrong-import-position
import organizations  # noqa: E402  pylint: disable=wrong-import-position
import registry  # noqa: E402  pylint: disable=wrong-import-position
import schoolyear  # noqa: E402  pylint: disable=wrong-import-position
from api_world import Api, Tenant, running_api  # noqa: E402  pylint: disable=wrong-import-position
from program import Program  # noqa: E402  pylint: disable=wrong-import-position
from client import Session  # noqa: E402  pylint: disable=wrong-import-position

# The first test that needs it waits until the whole demonstration district is loaded, by programs with sanitizers.
pytestmark = pytest.mark.timeout(240)


# ---- Organizations in free text ------------------------------------------------------------------


def names(*texts, curated=(), column="cbo"):
    """Of the last text, which is read with what all of them teach."""
    cells = [(f"S{n}", column, text) for n, text in enumerate(texts)]
    found, mentions = organizations.organizations(cells, curated)
    return [found[one].name for school, _, _, one, _ in mentions if school == f"S{len(texts) - 1}"]


KNOWN = ("Good Shepherd Services, The Door, Henry Street Settlement, Columbia University, New York University",) * 4


@pytest.mark.parametrize("text, expected", [
    ("Global Kids, Inc., Partnership with Children, Inc", ["Global Kids, Inc.", "Partnership with Children, Inc."]),
    ("Deep Sea Innertainment, Inc. (DSI), Random House, LLC", ["Deep Sea Innertainment, Inc.", "Random House, LLC"]),
    ("Ramius Capital Group, LLC; Hughes Hubbard & Reed LLP",
     ["Ramius Capital Group, LLC", "Hughes Hubbard & Reed LLP"]),
    ("Skidmore, Owings, & Merill (SOM); OMNI Architects, STV Inc., Wachtell, Lipton, Rosen, & Katz;",
     ["Skidmore, Owings, & Merill", "OMNI Architects", "STV Inc.", "Wachtell, Lipton, Rosen, & Katz"]),
    ("Law Firm: McDermott, Will, and Emery", ["McDermott, Will, and Emery"]),
    ("Project Reach Youth (PRY); Big Brothers, Big Sisters; Midori & Friends",
     ["Project Reach Youth", "Big Brothers, Big Sisters", "Midori & Friends"]),
    ("East New York Farms. Brooklyn Museum. St. John's University.",
     ["East New York Farms", "Brooklyn Museum", "St. John's University"]),
    ("Bailey's Cafe: Errands for Elders, BuildOn: Nicaragua", ["Bailey's Cafe", "BuildOn"]),
    ("AVID (national college-preparatory program), Legal Momentum", ["AVID", "Legal Momentum"]),
    ("the Bronx Opera Company, and the Park Avenue Armory", ["The Bronx Opera Company", "The Park Avenue Armory"]),
    ("iMentor, buildOn, homework help, regents prep, N/A, PS 3, SAT Prep", ["iMentor", "buildOn"]),
    ("N/A", []), ("Please visit our website: www.example.org", []),
    ("There are various corporate sponsors and collaborators for our Robotics Program.", []),
])
def test_a_list_is_cut_where_its_items_end(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize("text, expected", [
    ("The Door and Henry Street Settlement", ["The Door", "Henry Street Settlement"]),
    ("Theater and Dance Alliance", ["Theater and Dance Alliance"]),
    ("The Door/Henry Street Settlement", ["The Door", "Henry Street Settlement"]),
    ("Double Discovery Program at Columbia University", ["Columbia University"]),
    ("Columbia University's Science Fair", ["Columbia University"]),
    ("Good Shepherd Services has been a part of our family for two years.", ["Good Shepherd Services"]),
    ("Integrated partnership with Good Shepherd Services.", ["Good Shepherd Services"]),
    ("New York University Henry Street Settlement", ["New York University", "Henry Street Settlement"]),
    ("good shepherd services", ["Good Shepherd Services"]),
])
def test_what_other_texts_teach_decides_where_a_cut_is_a_guess(text, expected):
    assert names(*KNOWN, text) == expected


@pytest.mark.parametrize("one, other", [
    ("The New-York Historical Society", "NY Historical Society"), ("Repertorio Español", "REPERTORIO ESPANOL"),
    ("Theatre Development Fund", "Theater Development Fund, Inc."), ("Bill & Melinda Gates Foundation",
                                                                     "Bill and Melinda Gates Foundation"),
    ("St. John’s University", "St John's University"), ("JPMorgan Chase & Co.", "JP Morgan Chase"),
    ("Arts Connection", "ArtsConnection"), ("New Visions for Public Schools", "New Visions for Pulbic Schools"),
    ("Futures and Options", "Futures and Option"),
])
def test_spellings_of_one_organization_are_one(one, other):
    assert len(set(names(one, other, f"{one}, {other}"))) == 1


@pytest.mark.parametrize("one, other", [
    ("Queens College", "York College"), ("Community Board 4", "Community Board 5"),
    ("Brooklyn College", "Brooklyn Museum"), ("Bronx YMCA", "Flatbush YMCA"),
])
def test_others_stay_apart(one, other):
    assert names(f"{one}, {other}") == [one, other]


def test_what_stands_in_parentheses_becomes_an_alias():
    found, _ = organizations.organizations(
        [("A", "cultural", "Brooklyn Academy of Music (BAM)"), ("B", "cultural", "BAM, Carnegie Hall (on-site)")])
    by_name = {one.name: one for one in found.values()}
    assert set(by_name) == {"Brooklyn Academy of Music", "Carnegie Hall"}
    assert by_name["Brooklyn Academy of Music"].aliases == ["BAM"]
    assert by_name["Brooklyn Academy of Music"].schools == {"A", "B"}
    assert by_name["Carnegie Hall"].aliases == []


def test_aliases_are_curated_and_some_names_are_none():
    curated = [("Montefiore", "Montefiore Medical Center", "nonprofit"), ("Architecture", "", "")]
    assert names("Montefiore, Architecture, Montefiore Medical Center", curated=curated) == [
        "Montefiore Medical Center"]


@pytest.mark.parametrize("name, column, kind", [
    ("Elmhurst Hospital", "hospital", "nonprofit"), ("Lehman College", "cbo", "higher_ed"),
    ("College Now", "highered", "nonprofit"), ("Con Edison", "corporate", "business"),
    ("HSBC", "financial", "business"), ("Bronx Museum", "cultural", "nonprofit"),
    ("Queens District Attorney's Office", "other", "government"), ("Trinity Church", "cultural", "faith_based"),
    ("Smalls Electrical Construction, Inc.", "other", "business"), ("Pratt Institute", "highered", "higher_ed"),
])
def test_its_kind_follows_from_its_name_or_the_column(name, column, kind):
    assert organizations.kind_of(name, Counter({column: 1})) == kind


def test_the_citys_own_words():
    """Cells of ten schools: the reading that people have looked at."""
    cells = registry.cells_of(registry.read(EXCERPT, "directory"))
    found, mentions = organizations.organizations(cells, registry.curated())
    read = defaultdict(list)
    for school, column, _, one, _ in mentions:
        read[school, column].append(found[one].name)
    assert [read["17K548", column] for column in ("cbo", "cultural", "nonprofit")] == [
        [], ["Roundabout Theatre Company"], []], "prose, of which one organization is known"
    assert read["18K642", "cbo"] == [
        "21st Century", "PENCIL", "Dance4Peace", "New-York Historical Society", "Jewish Museum",
        "Brookdale University Hospital and Medical Center", "Generation Citizen",
        "Lincoln Center for the Performing Arts", "MathforAmerica", "McDermott, Will, and Emery"]
    assert read["09X517", "highered"] == [
        "Fordham University", "The New School", "Lehman College", "Hostos Community College"]
    assert read["21K540", "financial"] == [
        "Citigroup", "Ernst & Young", "Federal Reserve Bank of New York", "Fitch Ratings", "HSBC Bank", "KPMG",
        "Moody's", "Office of Comptroller of the Currency", "Securities Industries Association",
        "Teachers Insurance Annuity Association and College Retirement Equities"]
    names_read = {one.name for one in found.values()}
    assert not [name for name in names_read if re.match(r"(?:inc|llc|and|the|or|etc)\.?$", name, re.I)]
    assert not [name for name in names_read if re.search(r"\b(?:we|our students|is an|please)\b", name)]


# ---- Schools and programs ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schools():
    directory = registry.read(EXCERPT, "directory")
    return registry.Schools(directory, ("15K032", "13K011", "17K011", "02M011"))


@pytest.mark.parametrize("name, borough, found", [
    ("P.S. 32 SAMUEL MILLS SPROLE", "Brooklyn", "15K032"), ("PS 11", "Manhattan", "02M011"),
    ("PS 11", "Brooklyn", None), ("PS 11", "Queens", None), ("09X517 FREDERICK DOUGLASS", "Bronx", "09X517"),
    ("School of Music (K548)", "Brooklyn", "17K548"), ("Warren Street Center", "Brooklyn", None),
    ("Brooklyn School for Music & Theatre", "Brooklyn", "17K548"),
])
def test_a_school_is_found_by_number_and_borough_or_by_name(schools, name, borough, found):
    dbn, why = schools.find(name, borough)
    assert dbn == found and bool(why) == (found is None)


@pytest.mark.parametrize("text, expected", [
    ("www.hsvd.org", "http://www.hsvd.org"), ("Bkmusicntheatre.com", "http://Bkmusicntheatre.com"),
    ("https://a.org/b/", "https://a.org/b"), ("see the city's site", ""), ("", ""), ("N/A", "")])
def test_websites_are_urls_or_nothing(text, expected):
    assert registry.website(text) == expected


# ---- Figures -------------------------------------------------------------------------------------


def daily(school, month, *rates):
    return [{"date": f"{month}{day + 1:02d}", "dbn": school, "attendance_pct": rate}
            for day, rate in enumerate(rates)]


def test_a_month_is_the_mean_of_its_days_times_the_enrollment():
    rows = (daily("A", "201411", "90.00", "80.00", "NS", "85.00", "95.00", "80.00")
            + daily("B", "201411", *["50.5"] * 5) + daily("C", "201411", "90", "NS") + daily("D", "201411", "90"))
    months = {row["site"]: row for row in figures.months_of(rows, {"A": "400", "B": "N/A", "C": "100"})}
    assert set(months) == {"A", "B", "C"}
    assert (months["A"]["numerator"], months["A"]["denominator"]) == ("344.00", "400")
    assert (months["A"]["school_year"], months["A"]["period_start"], months["A"]["as_of"]) == (
        2015, "2014-11-01", "2014-11-06")
    assert months["A"]["source"].endswith("5 of 6 days")
    assert (months["B"]["numerator"], months["B"]["denominator"]) == ("50.50%", "N/A")
    assert months["C"]["numerator"] == "NS", "one day is no month"


def test_a_count_and_a_rate_tell_their_whole():
    def row(count, rate, label=""):
        return {"DBN": "A", "school_year": "2018-19", "chronic_absent_count": count, "chronic_absent_rate": rate,
                "chronic_absent_rate_label": label}

    made = list(figures.chronic_absence([row("47.0", "24.48"), row("0.0", "0.0"), row("", "", "Data suppressed")]))
    assert [(one["numerator"], one["denominator"]) for one in made] == [
        ("47", "192"), ("0", ""), ("Data suppressed", "")]
    assert (made[0]["school_year"], made[0]["period_start"]) == (2019, "2018-07-01")
    (made,) = figures.graduation([{"DBN": "A", "school_year": "2015-16", "cohort_size": "44.0",
                                   "graduation_rate": "54.55", "graduation_rate_label": ""}])
    assert (made["numerator"], made["denominator"]) == ("24", "44")


def test_the_calendar_is_the_citys_by_rule():
    days = {row["reason"]: (row["starts_on"], row["ends_on"]) for row in schoolyear.closed_days(2015)}
    assert days["Thanksgiving"] == ("2014-11-27", "2014-11-28")
    assert days["Election Day"][0] == "2014-11-04" and days["Indigenous Peoples' Day"][0] == "2014-10-13"
    assert days["Martin Luther King Jr. Day"][0] == "2015-01-19" and days["Memorial Day"][0] == "2015-05-25"
    assert days["Midwinter recess"] == ("2015-02-16", "2015-02-20")
    assert days["Spring recess"] == ("2015-04-03", "2015-04-10")
    assert [str(schoolyear.easter(year)) for year in (2024, 2025, 2027)] == ["2024-03-31", "2025-04-20", "2027-03-28"]
    quarters = schoolyear.quarters(2015)
    assert [row["starts_on"] for row in quarters] == ["2014-07-01", "2014-10-01", "2015-01-01", "2015-04-01"]
    assert quarters[-1]["ends_on"] == "2015-06-30" and quarters[1]["ends_on"] == "2014-12-31"


def test_dates_move_by_whole_years_and_what_is_not_over_stays_away():
    rows = [{"period_kind": "month", "period_start": month, "school_year": "2015", "as_of": "2015-02-27"}
            for month in ("2014-12-01", "2015-01-01")]
    moved = files.moved(rows, "attendance", 2027, date(2027, 1, 1))
    assert [row["period_start"] for row in moved] == ["2026-12-01"]
    assert moved[0]["school_year"] == "2027"
    assert len(files.moved(rows, "attendance", 2027, date(2027, 2, 1))) == 2
    assert files.later("2016-02-29", 1) == "2017-02-28"
    last_year = [{"period_kind": "school_year", "period_start": "2018-07-01", "school_year": "2019"}]
    assert files.moved(last_year, "graduation", 2027, date(2026, 11, 28))[0]["school_year"] == "2026"


# ---- Made of the files ---------------------------------------------------------------------------


def tool(name, *arguments, **environment):
    done = subprocess.run([sys.executable, os.path.join(DEMO, name), *arguments], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment_with(PYTHONDONTWRITEBYTECODE="1", **environment))
    assert done.returncode == 0, done.stdout
    return done.stdout


def read_rows(folder, name):
    return files.read(folder, name)


def test_the_same_files_make_the_same_rows_and_all_of_them_load(database, tmp_path):
    """The complete way, of an excerpt: every row of every file is somewhere, or has a reason."""
    for folder in ("one", "two"):
        told = tool("prepare", "--all", EXCERPT, "--out", str(tmp_path / folder))
    for name in sorted(os.listdir(tmp_path / "one")):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    places = len(read_rows(tmp_path / "one", "program_sites"))
    left_out = sum(int(count) for count in re.findall(r"(\d+)  left out", told))
    assert places + left_out == len(registry.read(EXCERPT, "after_school"))
    for what in ("chronic_absence", "proficiency", "graduation"):
        assert len(read_rows(tmp_path / "one", what)) == len(registry.read(EXCERPT, what))
    with running_api(database) as api:
        tenant = Tenant(api, database)
        with database.connect("kith_migrate") as connection:
            connection.execute("SELECT seed_indicators(%s), seed_focus_areas(%s)", (tenant.id, tenant.id))
        report = tool("load", "--url", f"http://{api.host}:8080", "--all", "--data", str(tmp_path / "one"),
                      KITH_DEMO_KEY=tenant.admin.token)
        again = tool("load", "--url", f"http://{api.host}:8080", "--all", "--data", str(tmp_path / "one"),
                     KITH_DEMO_KEY=tenant.admin.token)
    reasons = Counter()
    for count, why in re.findall(r"(\d+)  rejected: (.*)", report):
        reasons[why] += int(count)
    assert reasons == {"denominator This indicator needs a denominator.": 1}, report  # none of 0 %
    with database.connect("kith_migrate") as connection:
        missing = dict(connection.execute("SELECT missing, count(*) FROM observation WHERE missing IS NOT NULL "
                                          "AND district_id = %s GROUP BY 1", (tenant.id,)).fetchall())
    # Three months without enrollment, and nine figures that the city suppressed.
    assert missing == {"not_available": 3, "suppressed": 9}
    assert "nothing changed" in again, again
    assert not re.search(r"created|updated", again), again


# ---- The demo district ---------------------------------------------------------------------------

NOW, LATER = "2027-02-10T15:00:00.000Z", "2027-04-02T15:00:00.000Z"
DATA = os.path.join(DEMO, "data")
YEAR = 2027
PASSWORD = re.search(r'PASSWORD = "(.*?)"', open(os.path.join(DEMO, "load"), encoding="utf-8").read()).group(1)


def counted(database, now):
    """Somebody does kith-kpi's work: itself."""
    return Program("kith-kpi", KITH_DATABASE_URL=database.uri("kith_kpi"), KITH_CLOCK=now)


class World:
    """A private Kith, as deploy/local/run starts one, and the demo in it."""

    def __init__(self, database, folder):
        self.database = database
        host = "127.%d.%d.%d" % tuple(1 + byte % 254 for byte in secrets.token_bytes(3))
        self.url = f"http://{host}:8080"
        # Limits as they are by default: who loads must do with them.
        self.api = Api(database, KITH_LISTEN=f"{host}:8080", KITH_ADMIN_LISTEN=f"{host}:9100",
                       KITH_PUBLIC_URL=self.url, KITH_RATE_READS=600, KITH_RATE_WRITES=120,
                       KITH_RATE_SIGN_INS=30, KITH_RATE_ANONYMOUS=60)
        self.api.host = host
        self.api.counts = False
        self.api.set_clock(NOW)
        self.run_file = str(folder / "run.json")
        with open(self.run_file, "w", encoding="utf-8") as file:
            json.dump({"url": self.url}, file)
        self.told = None

    def load(self, *arguments, now=NOW):
        with counted(self.database, now):
            return tool("load", "--run", self.run_file, "--kith", os.path.join(BUILD, "bin/kith"), *arguments,
                        KITH_MIGRATE_URL=self.database.cluster.uri(self.database.name, "kith_migrate"))

    def session(self, email="admin@example.org"):
        return Session(self.url, "demo", email, PASSWORD)


@pytest.fixture(scope="module")
def demo(database, tmp_path_factory):
    world = World(database, tmp_path_factory.mktemp("demo"))
    try:
        world.api.wait_ready()
        world.told = world.load()
        world.reader = world.session("viewer@example.org")
        world.admin = world.session()
        yield world
    finally:
        world.api.stop()


def accounted(told):
    """{what: {outcome: rows}} of the loader's words; every row is in one of them."""
    found = defaultdict(Counter)
    for what, rows, counts in re.findall(r"s  (\w+): (\d+) rows: (.*)", told):
        parts = {name: int(count) for count, name in re.findall(r"(\d+) (\w+)", counts)}
        assert sum(parts.values()) == int(rows), (what, counts)
        found[what].update(parts)
    return found


def test_all_of_it_is_loaded(demo):
    found = accounted(demo.told)
    rejected = {what: counts["rejected"] for what, counts in found.items() if counts["rejected"]}
    assert not rejected
    assert found["sites"]["created"] >= 60 and found["partnerships"]["created"] == 150
    for name, kind in files.ORDER:
        if name not in ("calendar", "partners") and kind != "observations":
            assert found[kind]["created"] == len(read_rows(DATA, name)), name
    assert found["partners"]["created"] == len(read_rows(DATA, "partners"))
    assert "Sign in with the password" in demo.told


def test_a_second_time_nothing_is_loaded_and_nothing_changes(demo, database):
    def state():
        """But for signing in, files that are told to hold nothing new, and figures that are still being counted."""
        with database.connect("kith_migrate") as connection:
            return connection.execute(
                "SELECT (SELECT count(*) FROM outbox WHERE aggregatetype NOT IN ('access_token', 'import', 'rollup')), "
                "(SELECT sum(version) FROM partnership), (SELECT count(*) FROM observation)").fetchone()

    before = state()
    quick = demo.load()
    assert "nothing changed" in quick and " rows" not in quick, quick
    again = demo.load("--again")
    assert "nothing changed" in again, again
    for counts in accounted(again).values():
        assert set(counts) <= {"unchanged", "rejected"}
    assert state() == before


def test_partnerships_went_through_the_gate_by_the_hands_of_those_who_lead_them(demo):
    wanted = Counter(row["becomes"] for row in read_rows(DATA, "partnerships"))
    rows = demo.admin.all("partnerships")
    assert Counter(row["status"] for row in rows) == wanted
    assert len([status for status in wanted if wanted[status]]) >= 6
    active = [row for row in rows if row["status"] == "active"]
    assert all(row["activated_at"] for row in active)
    full = [row for row in active if row["vision"]]
    assert len(full) > 60
    assert all(row["vision_district_by"] and row["vision_partner_by"] for row in full)
    leaders = {row["id"] for row in demo.admin.all("users") if row["email"].startswith("leader.")}
    moved = demo.admin.all("audit", aggregatetype="partnership", action="activated")
    assert {row["actor"] for row in moved} <= leaders and len(moved) >= len(active)
    assert all(row["is_valid"] for row in demo.admin.all("agreements") if row["status"] == "in_force")


@pytest.mark.shows("recognition.demo")
def test_gifts_stories_training_and_money_are_there_to_look_at(demo):
    def statuses(plural):
        return Counter(row["status"] for row in demo.admin.all(plural))

    gifts = demo.admin.all("gifts")
    assert Counter((row["status"], row["thanked"]) for row in gifts) == {
        ("received", True): 3, ("received", False): 3, ("offered", None): 1}
    assert Counter(row["status"] for row in demo.admin.all("thank_yous") if row["gift_id"]) == {"given": 3, "draft": 3}
    assert statuses("stories") == {"published": 2, "review": 1}
    assert statuses("funding_applications") == {"awarded": 1, "declined": 1, "planned": 1}
    assert statuses("training_seats") == {"attended": 9, "registered": 4}
    assert statuses("examples") == {"shared": 2, "draft": 1} and statuses("bulletins") == {"draft": 1}
    assert len(demo.admin.all("awards")) == 3 and len(demo.admin.all("coachings")) == 5
    assert not [mail for mail in demo.admin.all("messages") if mail["kind"] in ("thank_you", "bulletin")], "by hand"
    with urllib.request.urlopen(f"{demo.url}/d/demo/stories") as page:
        assert "A team that builds its own robot" in page.read().decode()
    with urllib.request.urlopen(f"{demo.url}/d/demo/needs") as page:
        assert "Warm coats in children&#39;s sizes" in page.read().decode()


@pytest.mark.shows("recognition.demo")
def test_each_screen_has_something_to_show(demo):
    """Of needs and of what schools want there are rows in every state in which a coordinator meets them."""
    def found(plural, field="status"):
        return Counter(row[field] for row in demo.admin.all(plural))

    assert set(found("needs")) == {"draft", "capacity_review", "open", "partly_matched", "matched", "met"}
    assert set(found("priorities")) == {"draft", "adopted"} and len(found("priorities", "school_year")) == 2
    assert set(found("asks")) >= {"draft", "sent"} and set(found("pledges")) >= {"offered", "accepted", "delivered"}
    assert found("calls_to_action") == {"open": 1} and len(demo.admin.all("landscape_snapshots")) == 2
    assert set(found("roll_calls")) == {"open", "submitted"} and found("site_visions") == {"adopted": 24}
    for plural in ("convenings", "interactions", "activities", "credentials", "inquiries", "tags", "milestones", "family_events",
                   "assessments", "partnership_reviews", "placements", "champions", "policies", "portfolio_reviews", "reports",
                   "renewal_campaigns", "post_holders", "offers"):
        assert demo.admin.all(plural), plural


def test_dates_are_of_the_school_year_of_the_clock(demo):
    rows = demo.admin.all("partnerships")
    assert {row["starts_on"][:4] for row in rows} == {"2026"}
    assert {row["school_year"] for row in demo.admin.all("reporting_quarters")} == set(range(YEAR - 1, YEAR + 3))
    newest = demo.admin.get("/v1/observations", sort="-period_start", limit=1)["data"][0]
    assert newest["period_start"] == "2027-01-01", "February is not over"


def test_mail_may_go_and_people_may_sign_in(demo):
    assert demo.admin.all("districts")[0]["go_live_at"]
    told = re.findall(r"^  (\S+@example\.org)", demo.told, re.M)
    assert len(told) == 5
    roles = {"director@example.org": "director", "coordinator@example.org": "coordinator",
             "viewer@example.org": "viewer", told[-1]: "school_leader"}
    for email, role in roles.items():
        grants = {grant["role"] for grant in demo.session(email).me["grants"]}
        assert grants == {role, "viewer"}
    keys = demo.admin.all("api_keys")
    assert keys and all(key["revoked_at"] for key in keys), "none stays"


def test_a_survey_has_results(demo):
    (survey,) = [row for row in demo.admin.all("surveys") if row["status"] == "closed"]
    results = demo.admin.get(f"/v1/surveys/{survey['id']}/results")
    assert results["answers"] >= 40
    assert set(results["groups"][0]["scores"]) == {"quality", "trust", "value"}


# ---- Figures on the dashboard --------------------------------------------------------------------


def attendance(months, keep):
    """By month and for the year so far, computed here from the file: (people attending, enrolled)."""
    found = defaultdict(lambda: [Fraction(0), 0])
    for row in read_rows(DATA, "attendance"):
        month = files.later(row["period_start"], YEAR - 2015)
        if month in months and keep(row["site"]) and row["denominator"].isdigit() and row["numerator"] != "NS":
            for period in (month, "year"):
                found[period][0] += Fraction(row["numerator"])
                found[period][1] += int(row["denominator"])
    return found


def shown(client, scope, period):
    document = client.get("/v1/dashboard", scope=scope, school_year=YEAR, period=period)
    (found,) = [one for one in document["indicators"] if one["code"] == "attendance_rate"]
    return found


def rounded(pair):
    return f"{float(round(pair[0] / pair[1], 4)):.4f}"


MONTHS = ("2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01")


@pytest.mark.parametrize("scope", ("site", "network", "district"))
def test_attendance_on_the_dashboard_is_what_the_file_says(demo, scope):
    sites = {row["local_id"]: row for row in demo.reader.all("sites")}
    network = demo.reader.all("networks")[0]
    one = next(row for row in sites.values() if row["local_id"] == "17K548" or row["network_id"])
    keep = {"site": lambda dbn: dbn == one["local_id"],
            "network": lambda dbn: sites[dbn]["network_id"] == network["id"], "district": lambda dbn: True}[scope]
    name = {"site": f"site:{one['id']}", "network": f"network:{network['id']}", "district": "district"}[scope]
    wanted = attendance(MONTHS, keep)
    found = shown(demo.reader, name, "month")
    assert [(point["period_start"], point["value"]) for point in found["trend"]] == [
        (month, rounded(wanted[month])) for month in MONTHS]
    assert float(found["all"]["denominator"]) == wanted[MONTHS[-1]][1]
    assert shown(demo.reader, name, "school_year")["all"]["value"] == rounded(wanted["year"])


def test_what_became_due_since_is_loaded_and_nothing_else(demo):
    """Runs last of those that look at the dashboard: it moves the clock."""
    demo.api.set_clock(LATER)
    told = demo.load(now=LATER)
    found = accounted(told)
    assert set(found) == {"observations"} and found["observations"]["created"] > 150
    assert re.search(r"investments: \d+ delivered", told)
    months = (*MONTHS, "2027-02-01", "2027-03-01")
    wanted = attendance(months, lambda dbn: True)
    found = shown(demo.session("viewer@example.org"), "district", "month")
    assert [(point["period_start"], point["value"]) for point in found["trend"]] == [
        (month, rounded(wanted[month])) for month in months]
    assert "nothing changed" in demo.load(now=LATER)


def test_a_private_kith_is_started_once_in_a_folder(tmp_path):
    with open(tmp_path / "lock", "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run([os.path.join(ROOT, "deploy/local/run"), "--dir", str(tmp_path)], check=False,
                              capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "Kith runs there already" in done.stderr
    assert not (tmp_path / "secret_key").exists()
