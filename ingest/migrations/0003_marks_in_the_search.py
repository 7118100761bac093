from django.db import migrations

# All that ingest/searching.py looks in is written anew, as it does from now on.
WRITE = """
UPDATE ingest_searchentry entry SET words = strip(to_tsvector('simple',
        translate(normalize(left(said.words, 100000)), E'./@:_<>&-\\u00ad', '         ')
    )) || array_to_tsvector(ARRAY(
        SELECT '=signal:' || signal FROM unnest(c.signals) signal
        UNION SELECT '=intent:' || intent FROM unnest(c.intents) intent
    ))
FROM ingest_conversation c CROSS JOIN LATERAL (
    SELECT COALESCE(string_agg(text || ' ' || response, ' ' ORDER BY at, event_id), '') AS words
    FROM ingest_turn WHERE conversation_id = c.id
) said
WHERE c.id = entry.conversation_id
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0002_text_of_bot")]

    operations = [migrations.RunSQL(WRITE, migrations.RunSQL.noop)]
