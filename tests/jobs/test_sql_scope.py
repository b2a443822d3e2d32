"""Write scope in the database: which rows the context may write, whatever the statement."""
import json

import pytest
from psycopg import errors, sql

from world import NOW, District, insert, unit, uuid7

# What kith_api writes without a scope, and why.
EXEMPT = {
    "idempotency": "replies of the principal's own, by kith.user in each statement",
    "sign_in_failure": "written before anybody is signed in",
    "attachment_piece": "pieces of a file; what it belongs to has a scope",
    **dict.fromkeys(("import_work", "import_batch", "import_chunk", "import_row", "import_change"),
                    "what an import works with; what it writes has a scope"),
}
# What kith_api runs with the owner's rights. None of them writes a table that has a scope.
DEFINERS = {
    "district_by_slug": "reads",
    "sign_in_district": "reads",
    "record_sign_in_failure": "writes audit",
    "contact_account": "makes the account of a partner's contact, with grants of its own places alone",
    "agreement_is_taken": "reads",
    "agreement_take": "locks an agreement for who covers one of its partnerships, or refuses",
    **dict.fromkeys(("agreement_acknowledge", "agreement_sign", "agreement_type_signature", "agreement_decide_notice",
                     "agreement_record_disposal"), "begins with agreement_take()"),
    "mail_preview": "reads",
    "cohort_dosages": "reads",
    "district_logo": "reads",
    "district_logo_piece": "reads",
    "dead_letter_redrive": "has an event of the own district tried again",
    "dead_letter_drop": "has nobody try one any more",
    "events_waiting": "reads",
    "export_record": "writes audit",
    "reminder_snooze": "decides a reminder of a check-in that who calls it has taken",
    "erasure_targets": "reads",
    "erasure_apply": "erases a person whom its caller may erase, from every table",
    "erasure_lift_address": "lets an address come back",
    "retention_dispose": "puts away or deletes what a schedule says, of every table",
    "retention_document": "counts what a schedule says, of every table",
    "serving_put": "looks whether somebody serves yet",
    "survey_comments": "reads what of a survey is shown",
    "survey_settle": "counts the answers of a survey that is closed",
    "instrument_ask": "freezes the instrument that a survey is to ask",
    "survey_segment": "reads",
    "survey_looked": "notes when it was looked whom a survey asks",
    **dict.fromkeys(("survey_marked", "survey_is_marked", "survey_spool_draft"), "reads"),
    "public_survey_put": "keeps what anybody may answer, closed",
    "survey_answers_keep": "writes answers of invitations that its caller has taken and locked",
    "survey_spool_make": "makes the tables of a survey that its caller opens",
    "survey_spool_put": "keeps what a link sends, closed, where nothing has a scope",
    "records_gather": "writes the file of a request",
    "records_take": "writes audit",
    "import_claim": "takes work of any district",
    "import_sweep": "deletes pieces of files that nobody imports",
    "import_analyze": "reads",
    "search_find": "reads",
    "search_alike": "reads",
    "inquiry_receive": "writes what anybody may ask",
    "thank_you_for": "drafts thanks for what its caller wrote",
    "bulletin_mail": "reads",
    "bulletin_segment": "reads",
    "stories_public": "reads",
    "needs_public": "reads",
    "need_settle": "counts what is pledged, whoever may accept it",
    "need_hold": "locks a need for that",
    "inquiry_settle": "makes a prospect of an inquiry that its caller may answer",
    "story_picture": "reads",
    "tax_document_take": "writes audit",
    "partner_merge_all": "moves all that refers to a partner which its caller may write",
    "partner_merge_take_back": "the same",
    "contact_merge_all": "moves all that refers to a contact which its caller may write",
    "contact_merge_take_back": "the same",
    "partner_custom_blanks": "reads",
    "contact_of_email": "reads",
    "roll_call_people": "reads",
    "roll_call_person_add": "does what a roll call says which its caller may confirm",
    "roll_call_change_do": "does what a roll call says which its caller may confirm",
    "site_items": "reads",
    "site_closing_do": "settles what goes on at a site which its caller may write",
    "site_closing_take_back": "the same",
    "partner_stop": "stops what a partner does which its caller has barred",
    "partner_derive_stage": "writes what follows from what its caller wrote",
    "person_items": "reads",
    "departure_run": "hands over what somebody carries, of a departure that its caller may write",
    "offer_take": "counts what somebody claims for a school, wherever the partner is led",
    "offer_give_back": "the same",
    "erasure_files": "reads",
    "readiness_put": "writes what a partner says, whose word its caller has looked up",
    "task_record_write": "writes what a link's contact says of its own organization",
    "training_caller": "reads",
    "training_move_up": "gives a seat that became free to who waits, and tells that person",
    "task_keep_write": "writes what a partner's contact says of its own offers, programs and people",
    "own_partner_edit_withdraw": "writes the contact's own wish, of its own organization",
    "private_read_record": "writes audit",
    "attachment_kinds": "reads",
    "attachment_take": "writes audit",
    "attachment_sweep": "deletes pieces of files that nobody attached",
}
WRITERS = "admin,director,coordinator,school_leader"
READERS = WRITERS + ",executive,viewer"


def scopes(connection):
    return {row[0]: row[1:] for row in connection.execute(
        "SELECT name, scope, field, parent FROM tenant_tables() WHERE scope IS NOT NULL").fetchall()}


def person(database, district, *grants):
    """Another user, with these grants: (role, scope_kind, scope_id, other fields)."""
    user = uuid7()
    with database.connect("kith_migrate") as connection, connection.transaction():
        database.user(connection, district.id, user)
        for role, kind, one, *more in grants:
            database.grant(connection, district.id, user, role, scope_kind=kind, scope_id=one,
                           **(more[0] if more else {}))
        text, digest = database.token(connection, district.id, user)
    return District(district.id, district.slug, user, WRITERS, text, digest)


def row(connection, district, table, **fields):
    values = {"district_id": district.id, "id": uuid7(), "created_at": NOW, "updated_at": NOW,
              **fields}
    insert(connection, table, values)
    return values["id"]


class Place:
    """A network of two sites and a site of none, with a partner each and a program of that."""

    def __init__(self, database, district):
        with database.connect("kith_migrate") as connection, connection.transaction():
            def make(table, **fields):
                return row(connection, district, table, **fields)
            self.network = make("network", name="N")
            self.empty_network = make("network", name="Empty")
            self.sites = [make("site", name="S", kind="school", network_id=network)
                          for network in (self.network, self.network, None)]
            self.partners = [make("partner", name="P", kind="civic", lead_site_id=site)
                             for site in (*self.sites, None)]
            self.programs = [make("program", name="P", partner_id=one) for one in self.partners]


@pytest.fixture(scope="module")
def place(database, ours):
    return Place(database, ours)


def scope_of(connection, who, need):
    with unit(connection, who, need):
        text = connection.execute("SELECT current_setting('kith.scope')").fetchone()[0]
    assert text in ("", "*") or text.endswith(",mine"), text
    text = text.removesuffix(",mine")
    return set(text.split(",")) if len(text) > 4 else text


# ---- The catalogue -------------------------------------------------------------------------------


def test_every_table_that_the_api_writes_has_a_scope_or_a_reason(migrate):
    written = {row[0] for row in migrate.execute(
        "SELECT DISTINCT p.table_name FROM information_schema.table_privileges p "
        "JOIN pg_class c ON c.oid = to_regclass(p.table_name) AND c.relkind IN ('r', 'p') "
        "WHERE p.grantee = 'kith_api' AND p.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')"
    ).fetchall()}
    known = set(scopes(migrate))
    assert known & set(EXEMPT) == set()
    assert written == known | set(EXEMPT)


def test_each_has_restrictive_policies_for_every_kind_of_write(migrate):
    found = {}
    for table, name, permissive, roles, command, using, check in migrate.execute(
            "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check "
            "FROM pg_policies WHERE starts_with(policyname, 'scope_')").fetchall():
        assert (permissive, roles, name) == ("RESTRICTIVE", "{kith_api}", f"scope_{command.lower()}")
        assert (using is None, check is None) == (command == "INSERT", command == "DELETE")
        found.setdefault(table, set()).add(command)
    assert found == {table: {"INSERT", "UPDATE", "DELETE"} for table in scopes(migrate)}


def test_what_a_scope_names_is_there(migrate):
    columns = set(migrate.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public'").fetchall())
    keys = set(migrate.execute(
        "SELECT conname, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'").fetchall())
    known = scopes(migrate)
    for table, (kind, field, parent) in known.items():
        assert field is None or (table, field) in columns, table
        assert parent is None or set(parent.split(",")) <= set(known), table
        if kind == "parent":
            assert (f"{table}_{field}_fkey", parent) in keys, table
        if kind in ("members", "links"):
            assert (f"{parent}_{table}_id_fkey", table) in keys, table


def test_what_is_somebodys_own_names_tables_that_have_a_place(migrate):
    columns = set(migrate.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'").fetchall())
    rows = migrate.execute("SELECT name, place FROM own_rows()").fetchall()
    kept = {table for table, in migrate.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_place'").fetchall()}
    assert len(rows) > 20 and {table for table, _ in rows} == kept
    for table, place in rows:
        assert table in scopes(migrate) and {(table, column) for column in place} <= columns, table


def test_what_runs_with_the_owners_rights_writes_nothing_that_has_a_scope(migrate):
    assert {row[0] for row in migrate.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
        "AND has_function_privilege('kith_api', oid, 'EXECUTE')").fetchall()} == set(DEFINERS)


# ---- What a context covers -----------------------------------------------------------------------


def test_the_scope_is_of_the_grants_that_answer_the_need(database, api, ours, place):
    first, second, third = place.sites
    rows = [
        # grants, need, scope
        ([("director", "district", None)], WRITERS, "*"),
        ([("admin", "district", None)], "director", "*"),
        ([("coordinator", "site", first)], WRITERS, {first}),
        ([("coordinator", "network", place.network)], WRITERS, {first, second}),
        ([("coordinator", "network", place.empty_network)], WRITERS, "none"),
        ([("partner", "partner", place.partners[0])], "partner", "none"),
        ([("coordinator", "network", place.network), ("school_leader", "site", third)], WRITERS,
         {first, second, third}),
        ([("coordinator", "network", place.network), ("school_leader", "site", third)],
         "school_leader", {third}),
        ([("coordinator", "site", first), ("coordinator", "network", place.network)], WRITERS,
         {first, second}),
        ([("coordinator", "site", first), ("director", "district", None)], WRITERS, "*"),
        ([("coordinator", "site", first), ("data_steward", "district", None)], WRITERS, {first}),
        ([("coordinator", "site", first), ("data_steward", "district", None)], "data_steward", "*"),
        ([("coordinator", "site", first), ("viewer", "district", None)], WRITERS, {first}),
        ([("coordinator", "site", first)], READERS, ""),
        ([("director", "district", None)], READERS, ""),
        ([("viewer", "district", None)], "viewer", ""),
        ([("director", "district", None)], "", ""),
        ([("coordinator", "site", first)], "", ""),
        ([], "", ""),
    ]
    for grants, need, expected in rows:
        assert scope_of(api, person(database, ours, *grants), need) == expected, (grants, need)


def test_only_grants_of_today_count_by_the_districts_own_midnight(database, api, ours, place):
    first, second, _ = place.sites
    who = person(database, ours, ("coordinator", "site", first),
                 ("coordinator", "site", second, {"from_date": "2026-11-21",
                                                  "until_date": "2026-11-21"}))
    # Chicago is six hours behind UTC.
    for now, expected in {"2026-11-21T05:59:59.999Z": {first},
                          "2026-11-21T06:00:00.000Z": {first, second},
                          "2026-11-22T05:59:59.999Z": {first, second},
                          "2026-11-22T06:00:00.000Z": {first}}.items():
        with unit(api, who, now=now):
            text = api.execute("SELECT current_setting('kith.scope')").fetchone()[0]
        assert set(text.split(",")) == expected | {"mine"}, now


def test_a_scope_ends_with_its_unit_and_is_replaced_by_the_next_context(database, api, ours, place):
    who = person(database, ours, ("coordinator", "site", place.sites[0]))
    with unit(api, who):
        assert api.execute("SELECT current_setting('kith.scope')").fetchone() == (place.sites[0] + ",mine",)
        api.execute("SELECT kith_context(%s, %s, 'coordinator', %s, 'x')", (ours.id, who.user, NOW))
        assert api.execute("SELECT current_setting('kith.scope')").fetchone() == ("",)
    assert api.execute("SELECT current_setting('kith.scope')").fetchone() == ("",)


# ---- Writes --------------------------------------------------------------------------------------


def updated(connection, table, ids):
    """Which of the rows an UPDATE reaches."""
    return [one for one in ids if connection.execute(
        sql.SQL("UPDATE {} SET updated_at = updated_at WHERE id = %s").format(sql.Identifier(table)),
        (one,)).rowcount]


def test_an_update_reaches_what_is_covered(database, api, ours, place):
    rows = {
        ("network", place.network): 2, ("site", place.sites[0]): 1, ("site", place.sites[2]): 1}
    for (kind, one), count in rows.items():
        with unit(api, person(database, ours, ("coordinator", kind, one))):
            begin = 2 if one == place.sites[2] else 0
            span = slice(begin, begin + count)
            assert updated(api, "partner", place.partners) == place.partners[span]
            assert updated(api, "program", place.programs) == place.programs[span]
            assert updated(api, "site", place.sites) == place.sites[span]
            assert updated(api, "network", [place.network]) == []
    with unit(api, ours):
        assert updated(api, "partner", place.partners) == place.partners
        assert updated(api, "program", place.programs) == place.programs


def test_a_lock_for_a_change_reaches_the_same(database, api, ours, place):
    with unit(api, person(database, ours, ("coordinator", "site", place.sites[0]))):
        for lock in ("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"):
            found = api.execute(f"SELECT id::text FROM partner FOR {lock}").fetchall()
            assert found == [(place.partners[0],)], lock


def test_a_statement_over_many_rows_changes_the_covered_ones(database, api, ours, place):
    with unit(api, person(database, ours, ("coordinator", "network", place.network))):
        assert api.execute("UPDATE partner SET description = 'x'").rowcount == 2
        assert api.execute("SELECT count(*) FROM partner").fetchone() == (4,), "reads see all"


def test_one_row_outside_refuses_the_whole_statement(database, api, ours, place):
    who = person(database, ours, ("coordinator", "network", place.network))
    with pytest.raises(errors.Error) as refused, unit(api, who):
        api.execute(
            "INSERT INTO partner (district_id, id, name, kind, lead_site_id) "
            "SELECT %s, gen_random_uuid(), 'Bulk', 'civic', s FROM unnest(%s::uuid[]) AS s",
            (ours.id, place.sites))
    assert refused.value.sqlstate == "KIOUT"
    with unit(api, who):
        assert api.execute("SELECT count(*) FROM partner WHERE name = 'Bulk'").fetchone() == (0,)
        assert api.execute(
            "INSERT INTO partner (district_id, id, name, kind, lead_site_id) "
            "SELECT %s, gen_random_uuid(), 'Bulk', 'civic', s FROM unnest(%s::uuid[]) AS s",
            (ours.id, place.sites[:2])).rowcount == 2
        api.execute("ROLLBACK")


def test_an_upsert_does_not_change_what_is_outside(database, api, ours, place):
    who = person(database, ours, ("coordinator", "site", place.sites[0]))
    with pytest.raises(errors.InsufficientPrivilege), unit(api, who):
        api.execute(
            "INSERT INTO partner (district_id, id, name, kind, lead_site_id) "
            "VALUES (%s, %s, 'Mine', 'civic', %s) "
            "ON CONFLICT ON CONSTRAINT partner_pkey DO UPDATE SET name = 'Mine'",
            (ours.id, place.partners[2], place.sites[0]))


def context_alone(connection, district, who, way):
    """A context without a scope."""
    if way == "kith_context":
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (district.id, NOW))
    elif way == "no need":
        connection.execute("SELECT kith_enter(%s, %s, '', %s, '')",
                           (district.id, who.token_hash, NOW))
    else:  # a remembered reader's
        connection.execute(
            "SELECT set_config('kith.district', %s, true), set_config('kith.user', %s, true), "
            "set_config('kith.roles', 'director', true), set_config('kith.now', %s, true)",
            (district.id, who.user, NOW))


@pytest.mark.parametrize("way", ["a fresh connection", "a used one", "kith_context", "no need"])
def test_without_a_scope_no_row_is_written_and_nothing_breaks(database, migrate, ours, place, way):
    tables = [table for table, scope in scopes(migrate).items()
              if scope[0] not in ("person", "admin")]
    assert len(tables) > 10 and place.partners
    for table in tables:
        name = sql.Identifier(table)
        with database.connect() as api:
            if way == "a used one":
                with unit(api, ours):
                    pass
            with api.transaction():
                context_alone(api, ours, ours, way)
                if api.execute("SELECT has_table_privilege(%s, 'UPDATE')", (table,)).fetchone()[0]:
                    assert api.execute(sql.SQL(
                        "UPDATE {} SET updated_at = updated_at").format(name)).rowcount == 0
            # The policy is asked before any other rule: two columns are enough.
            with pytest.raises(errors.Error) as refused, api.transaction():
                context_alone(api, ours, ours, way)
                insert(api, table, {"district_id": ours.id, "id": uuid7()})
            may = api.execute("SELECT has_table_privilege(%s, 'INSERT')", (table,)).fetchone()[0]
        assert refused.value.sqlstate == ("KIOUT" if may else "42501"), table


def test_the_same_row_is_past_the_door_with_a_scope(api, migrate, ours):
    for table, scope in scopes(migrate).items():
        if scope[0] in ("parent", "addressee", "owner", "person", "admin") or table == "district":
            continue
        with pytest.raises(errors.NotNullViolation), unit(api, ours):
            insert(api, table, {"district_id": ours.id, "id": uuid7()})


# ---- Accounts ------------------------------------------------------------------------------------


def test_a_person_writes_the_own_account_and_an_administrator_all(database, api, ours):
    one, other = (person(database, ours, ("coordinator", "district", None)) for _ in range(2))
    admin = person(database, ours, ("admin", "district", None))
    for who, need, reached in ((one, "", 1), (one, WRITERS, 1), (admin, "admin", 2)):
        for table, column in (("app_user", "id"), ("access_token", "user_id")):
            with unit(api, who, need):
                assert api.execute(
                    f"UPDATE {table} SET updated_at = updated_at WHERE {column} = ANY (%s)",
                    ([one.user, other.user],)).rowcount == reached, (table, need)
    for who, reached in ((one, 0), (admin, 1)):
        with unit(api, who):
            assert api.execute("UPDATE user_grant SET until_date = NULL WHERE user_id = %s",
                               (one.user,)).rowcount == reached


@pytest.mark.parametrize("role", ["director", "executive", "coordinator", "viewer"])
def test_nobody_but_an_administrator_grants_anything_or_makes_tokens_of_others(
        database, api, ours, role):
    who = person(database, ours, (role, "district", None))
    for write in (lambda: database.grant(api, ours.id, who.user, "admin"),
                  lambda: database.token(api, ours.id, ours.user),
                  lambda: database.user(api, ours.id, uuid7())):
        for need in ("", role):
            with pytest.raises(errors.Error) as refused, unit(api, who, need):
                write()
            assert refused.value.sqlstate == "KIOUT"
    with unit(api, who, ""):
        database.token(api, ours.id, who.user)


# ---- Partnerships --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def joined(database, ours, place):
    """Partnerships: of each site as its lead, and of none; the last has the first site as a member.
    An agreement for each, one for the first and the third, and one for none."""
    first, _, third = place.sites
    with database.connect("kith_migrate") as connection, connection.transaction():
        def make(table, **fields):
            return row(connection, ours, table, **fields)
        partnerships = [make("partnership", name="P", arrangement="program",
                             partner_id=place.partners[0], lead_site_id=site)
                        for site in (first, third, None)]
        members = [make("partnership_site", partnership_id=partnerships[2], site_id=first),
                   make("partnership_site", partnership_id=partnerships[1], site_id=first,
                        archived_at=NOW)]
        goals = [make("goal", partnership_id=one, statement="G", due_on="2027-06-30")
                 for one in partnerships]
        agreements = [make("agreement", kind="mou", title="A") for _ in range(4)]
        links = [make("agreement_partnership", agreement_id=agreements[a],
                      partnership_id=partnerships[p]) for a, p in ((0, 0), (1, 1), (2, 0), (2, 1))]
    return {"partnership": partnerships, "partnership_site": members, "goal": goals,
            "agreement": agreements, "agreement_partnership": links}


def test_a_partnership_is_its_lead_sites_and_its_members(database, api, ours, place, joined):
    expected = {  # by the number of the site
        0: {"partnership": [0, 2], "partnership_site": [0], "goal": [0, 2], "agreement": [0, 3],
            "agreement_partnership": [0, 2]},
        1: {"partnership": [], "partnership_site": [], "goal": [], "agreement": [3],
            "agreement_partnership": []},
        2: {"partnership": [1], "partnership_site": [1], "goal": [1], "agreement": [1, 3],
            "agreement_partnership": [1, 3]},
    }
    for number, reached in expected.items():
        with unit(api, person(database, ours, ("coordinator", "site", place.sites[number]))):
            for table, numbers in reached.items():
                assert updated(api, table, joined[table]) == [
                    joined[table][n] for n in numbers], (number, table)
    with unit(api, ours):
        for table, rows in joined.items():
            assert updated(api, table, rows) == rows


def test_nobody_joins_a_site_to_a_partnership_of_others(database, api, ours, place, joined):
    who = person(database, ours, ("coordinator", "site", place.sites[0]))
    mine, others = joined["partnership"][:2]
    fields = {"district_id": ours.id, "id": uuid7(), "site_id": place.sites[0]}
    with pytest.raises(errors.Error) as refused, unit(api, who):
        insert(api, "partnership_site", {**fields, "partnership_id": others})
    assert refused.value.sqlstate == "KIOUT"
    with unit(api, who):
        insert(api, "partnership_site", {**fields, "partnership_id": mine})


def test_an_invitation_is_whose_it_is_and_of_who_covers_its_survey(database, api, ours, place):
    site = place.sites[0]
    asked, other = (person(database, ours, ("viewer", "district", None)) for _ in range(2))
    with database.connect("kith_migrate") as connection, connection.transaction():
        instrument = connection.execute(
            "SELECT id FROM instrument WHERE code = 'relationship' AND district_id = %s", (ours.id,)).fetchone()[0]
        survey = row(connection, ours, "survey", name="S", instrument_id=instrument, site_id=site,
                     school_year=2027, opens_on="2026-12-01", closes_on="2026-12-02")
        partnership = row(connection, ours, "partnership", name="P", arrangement="program",
                          partner_id=place.partners[0], lead_site_id=site)
        one = row(connection, ours, "survey_invitation", survey_id=survey, address="a@example.org",
                  user_id=asked.user)
        answer = row(connection, ours, "survey_answer", survey_id=survey, survey_invitation_id=one,
                     partnership_id=partnership, side="district")
    covers, stranger = (person(database, ours, ("coordinator", "site", place.sites[n]))
                        for n in (0, 2))
    for who, need, reached in ((asked, READERS, True), (other, READERS, False), (ours, WRITERS, True),
                               (covers, WRITERS, True), (stranger, WRITERS, False)):
        for table, kept in (("survey_invitation", one), ("survey_answer", answer)):
            with unit(api, who, need):
                assert updated(api, table, [kept]) == [kept] * reached, (table, need, reached)


# ---- Cost ----------------------------------------------------------------------------------------


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


@pytest.fixture(scope="module")
def big(database):
    """A district of 3,000 sites in 300 networks, each site with a partner, a program and a place
    where it runs."""
    district = database.district()
    with database.connect("postgres") as connection, connection.transaction():
        def fill(table, count, columns, values):
            connection.execute(
                f"INSERT INTO {table} (district_id, id, created_at, updated_at, {columns}) "
                f"SELECT %s, md5('{table}' || i)::uuid, %s, %s, {values} "
                f"FROM generate_series(1, {count}) i", (district.id, NOW, NOW))
        fill("network", 300, "name", "'N'")
        fill("site", 3000, "name, kind, network_id",
             "'S', 'school', md5('network' || 1 + i %% 300)::uuid")
        fill("partner", 3000, "name, kind, lead_site_id", "'P', 'civic', md5('site' || i)::uuid")
        fill("program", 3000, "name, partner_id", "'P', md5('partner' || i)::uuid")
        fill("program_site", 3000, "program_id, site_id",
             "md5('program' || i)::uuid, md5('site' || i)::uuid")
        fill("partnership", 3000, "name, arrangement, partner_id, lead_site_id",
             "'P', 'program', md5('partner' || i)::uuid, md5('site' || i)::uuid")
        fill("partnership_site", 3000, "partnership_id, site_id",
             "md5('partnership' || i)::uuid, md5('site' || i)::uuid")
        fill("goal", 3000, "partnership_id, statement, due_on",
             "md5('partnership' || i)::uuid, 'G', '2027-06-30'")
    with database.connect("postgres") as connection:
        connection.execute("ANALYZE")
        first = connection.execute("SELECT md5('network' || 1)::uuid::text").fetchone()[0]
    return district, person(database, district, ("coordinator", "network", first)), first


@pytest.mark.parametrize("table", ["site", "partner", "program", "program_site", "partnership",
                                   "partnership_site", "goal"])
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_a_write_by_key_stays_an_index_look_up(database, big, table, mode):
    for who in big[:2]:
        with database.connect() as api, unit(api, who):
            one = api.execute(sql.SQL("SELECT id FROM {} LIMIT 1").format(
                sql.Identifier(table))).fetchone()[0]
            api.execute(f"SET LOCAL plan_cache_mode = {mode}")
            api.execute(f"PREPARE w (uuid) AS UPDATE {table} t SET archived_at = NULL WHERE t.id = $1")
            plan = api.execute(f"EXPLAIN (FORMAT JSON) EXECUTE w ('{one}')").fetchone()[0][0]["Plan"]
            found = list(nodes(plan))
            assert not [n for n in found if n["Node Type"] == "Seq Scan"], json.dumps(plan)
            target = [n for n in found if n.get("Alias") == "t" and "Index Cond" in n]
            assert len(target) == 1 and "id = " in target[0]["Index Cond"], json.dumps(plan)


def counted(connection, who, need):
    """Sites that kith_enter reads: by index, and whole."""
    connection.execute("SELECT kith_enter(%s, %s, %s, %s, '')", (who.id, who.token_hash, need, NOW))
    return connection.execute(
        "SELECT pg_stat_get_xact_tuples_fetched('site'::regclass), "
        "pg_stat_get_xact_tuples_returned('site'::regclass), "
        "pg_stat_get_xact_numscans('site_network_id'::regclass)").fetchone()


def test_only_a_write_by_somebody_with_a_network_reads_sites_and_only_those_of_it(database, big):
    everywhere, somebody, network = big
    for who, need, scans in ((everywhere, WRITERS, 0), (somebody, READERS, 0), (somebody, "", 0),
                             (somebody, WRITERS, 1)):
        with database.connect() as api, api.transaction():
            fetched, returned, scanned = counted(api, who, need)
            # None are fetched where the index alone tells: when the table was vacuumed.
            assert (returned, scanned) == (0, scans) and fetched in (0, 10 * scans), (network, need)
