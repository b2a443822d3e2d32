"""Every statement of sql/queries is one that the server takes from the role that sends it."""
import importlib.machinery
import importlib.util

import psycopg
import pytest

from migrating import BUILD, ROOT, Cluster, migrate

# The API's role sends them, but for those of kith migrate.
ROLES = {"migration": "kith_migrate"}


def statements():
    loader = importlib.machinery.SourceFileLoader("generate", f"{ROOT}/sql/generate")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("generate", loader))
    loader.exec_module(module)
    found = module.statements(f"{ROOT}/sql")
    assert not module.problems
    return found


@pytest.fixture(scope="module")
def migrated():
    cluster = Cluster()
    with cluster.database() as name:
        run = migrate(f"{BUILD}/bin/kith", cluster.url(name))
        assert run.returncode == 0, run.stderr
        yield cluster.url(name)
    cluster.stop()


@pytest.mark.parametrize("statement", statements(), ids=lambda s: s["name"])
def test_the_server_prepares(migrated, statement):
    role = ROLES.get(statement["name"].split("_")[0], "kith_api")
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(f"SET SESSION AUTHORIZATION {role}")
        prepared = connection.pgconn.prepare(statement["name"].encode(), statement["text"].encode())
        message = prepared.error_message.decode()
        assert prepared.status == psycopg.pq.ExecStatus.COMMAND_OK, f"{statement['path']}: {message}"
        described = connection.pgconn.describe_prepared(statement["name"].encode())
        assert described.nparams == statement["params"]
        returns_rows = described.nfields > 0
        assert returns_rows or statement["shape"] == "exec", "it returns no rows"
