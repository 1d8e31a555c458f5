"""An upgrade: the copy made before is put back whole where a migration fails."""

from contextlib import closing

import pytest
from django.db import connection

from mapper.errors import CommandFailure
from mapper.operations import databases
from mapper.operations.databases import Database
from mapper.operations.management.commands.upgrade import Command

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance():
    """Make a database with one row that counts."""
    told = connection.settings_dict
    host, port = told["HOST"], int(told["PORT"] or 5432)
    made = Database(host, port, told["USER"], "", f"{told['NAME']}_upgrade")
    databases.drop(made)
    databases.create(made)
    do(made, "CREATE TABLE report (words text); INSERT INTO report VALUES ('kept')")
    yield made
    for name in ("", "_before_upgrade", "_replaced"):
        databases.drop(made.named(f"{made.name}{name}"))


def do(database, statement):
    with closing(database.connect(autocommit=True)) as opened:
        opened.execute(statement)


def rows(database):
    with closing(database.connect()) as opened:
        return opened.execute("SELECT words FROM report").fetchall()


def upgrade(monkeypatch, instance, *, works):
    steps = []

    def migrate(self, environment):
        steps.append(environment["DATABASE_URL"])
        do(instance, "INSERT INTO report VALUES ('new')" if works else "DROP TABLE report")
        return works

    monkeypatch.setattr(Command, "_back_up", lambda self, *words: steps.append("backup"))
    monkeypatch.setattr(Command, "_migrated", migrate)
    try:
        Command()._upgrade(instance, None)
    finally:
        assert steps == ["backup", instance.url]


def test_a_failing_migration_leaves_everything_as_it_was(monkeypatch, instance):
    visitor = instance.connect()  # The site is still being read.
    with pytest.raises(CommandFailure, match="again what it was"):
        upgrade(monkeypatch, instance, works=False)
    visitor.close()
    assert rows(instance) == [("kept",)]
    assert not databases.exists(instance.named(f"{instance.name}_before_upgrade"))
    assert not databases.exists(instance.named(f"{instance.name}_replaced"))


def test_an_upgrade_that_works_keeps_no_copy(monkeypatch, instance):
    upgrade(monkeypatch, instance, works=True)
    assert rows(instance) == [("kept",), ("new",)]
    assert not databases.exists(instance.named(f"{instance.name}_before_upgrade"))


def test_a_failed_copy_lets_people_in_again(monkeypatch, instance):
    with pytest.raises(Exception, match="already exists"):
        databases.create(instance.named("postgres"), template=instance.name)
    assert rows(instance) == [("kept",)]


def test_addresses_survive_being_written_and_read():
    address = "postgis://contrechamp_owner:p%40ss@%2Fvar%2Frun%2Fpostgresql:5477/contrechamp"
    assert Database.of_url(address).url == address
    assert Database.of_url(address).password == "p@ss"
