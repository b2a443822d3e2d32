"""Every statement of sql/queries is one that the server takes from the role that sends it."""
import psycopg
import pytest

from world import queries

# The API's role sends them, but for those of kith migrate.
SENDERS = {"migration": "kith_migrate"}


@pytest.mark.parametrize("statement", queries(), ids=lambda statement: statement[0])
def test_the_server_prepares(database, statement):
    name, shape, text, params = statement
    with database.connect(SENDERS.get(name.split("_")[0], "kith_api")) as connection:
        prepared = connection.pgconn.prepare(name.encode(), text.encode())
        assert prepared.status == psycopg.pq.ExecStatus.COMMAND_OK, prepared.error_message.decode()
        described = connection.pgconn.describe_prepared(name.encode())
        assert described.nparams == params
        assert described.nfields > 0 or shape == "exec", "it returns no rows"
