from django.db import migrations

# As ingest/searching.py writes them from now on.
MARK = """
UPDATE ingest_searchentry entry SET words = entry.words || array_to_tsvector(ARRAY(
    SELECT '=signal:' || signal FROM unnest(c.signals) signal
    UNION SELECT '=intent:' || intent FROM unnest(c.intents) intent
))
FROM ingest_conversation c
WHERE c.id = entry.conversation_id AND (c.signals <> '{}' OR c.intents <> '{}')
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0002_text_of_bot")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
