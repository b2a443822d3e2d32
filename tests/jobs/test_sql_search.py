"""What follows from rows that are written, so that they are found."""
from world import NOW, insert, unit, uuid7

WORDS = 20000  # enough for another plan


def scans(connection, *indexes):
    """In this transaction."""
    return [connection.execute("SELECT pg_stat_get_xact_numscans(%s::regclass)", (one,)).fetchone()[0] for one in indexes]


def test_new_words_are_looked_up_in_their_district_alone(database, migrate):
    """Not among those of all: by the index of trigrams a file of 15,000 partners took five times what it takes to write them."""
    district = database.district("director")
    migrate.execute("INSERT INTO search_word (district_id, word) SELECT %s, md5(n::text) FROM generate_series(1, %s) AS n",
                    (district.id, WORDS))
    with database.connect() as connection, unit(connection, district):
        # As plans are made while nobody has analyzed the table.
        connection.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off")
        one = uuid7()
        insert(connection, "partner", {"district_id": district.id, "id": one, "name": "Lake Otter Rowing", "kind": "civic",
                                       "created_at": NOW, "updated_at": NOW})
        by_trigrams, by_word = scans(connection, "search_word_alike", "search_word_word")
        assert (by_trigrams, by_word) == (0, 3)
        connection.execute("UPDATE partner SET name = 'Lake Heron Rowing' WHERE id = %s", (one,))
        assert scans(connection, "search_word_alike")[0] == 0
    words = {row[0] for row in migrate.execute(
        "SELECT word FROM search_word WHERE district_id = %s AND length(word) < 32", (district.id,))}
    assert words >= {"lake", "heron", "rowing"} and "otter" not in words
