"""The index tables, with what each database needs to look inside words."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import clientela.platform.search.lookups

POSTGRESQL = (
    # The kind first, so that a word of all deals is not read when one account is looked for.
    "CREATE INDEX search_entry_words ON search_entry USING gin (record, text gin_trgm_ops)",
    "CREATE INDEX search_entry_start ON search_entry (title text_pattern_ops)",
    # GiST gives the nearest words in order, without a threshold.
    "CREATE INDEX search_word_near ON search_word USING gist (word gist_trgm_ops)",
)
SQLITE = (
    """CREATE VIRTUAL TABLE search_entry_words USING fts5(
        text, content='search_entry', content_rowid='id', tokenize='trigram case_sensitive 1')""",
    """CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_entry_words(rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_entry_words(search_entry_words, rowid, text) VALUES ('delete', old.id, old.text); END""",
    """CREATE TRIGGER search_entry_changed AFTER UPDATE OF text ON search_entry
        WHEN old.text IS NOT new.text BEGIN
        INSERT INTO search_entry_words(search_entry_words, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO search_entry_words(rowid, text) VALUES (new.id, new.text); END""",
    "CREATE INDEX search_entry_start ON search_entry (title)",
    # Padded as pg_trgm does, so that the beginning and the end of a word count.
    "CREATE VIRTUAL TABLE search_word_near USING fts5(word, tokenize='trigram case_sensitive 1')",
    """CREATE TRIGGER search_word_added AFTER INSERT ON search_word BEGIN
        INSERT INTO search_word_near(rowid, word) VALUES (new.id, '  ' || new.word || ' '); END""",
    """CREATE TRIGGER search_word_removed AFTER DELETE ON search_word BEGIN
        DELETE FROM search_word_near WHERE rowid = old.id; END""",
)
FORWARDS = {"postgresql": POSTGRESQL, "sqlite": SQLITE}
BACKWARDS = {"sqlite": ("DROP TABLE search_entry_words", "DROP TABLE search_word_near")}


def prepare(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in FORWARDS[editor.connection.vendor]:
        editor.execute(statement)


def undo(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in BACKWARDS.get(editor.connection.vendor, ()):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_database")]
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.CharField(max_length=60)),
                ("record_id", models.BigIntegerField()),
                ("label", models.TextField()),
                ("subtitle", models.TextField(default="")),
                ("title", clientela.platform.search.lookups.FoldedTextField()),
                ("text", clientela.platform.search.lookups.FoldedTextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record", "record_id"), name="search_entry_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, unique=True)),
            ],
        ),
        migrations.RunPython(prepare, undo),
    ]
