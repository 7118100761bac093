"""The SQL of storing.py: all that a request brings, in one statement.

Rows come as JSON values: arrays and objects inside them need no quoting of ours, and a thousand
rows are parsed as quickly as they could be bound. Each part begins only when the one before it is
done, so that all who store take their locks in one order.
"""

# Taken for as long as a transaction lasts: shared by those who store events, alone by who buries
# an end user. So whoever stores has seen the tombstone, or is done before it is set.
SHARED = "SELECT pg_advisory_xact_lock_shared(%s, %s)"
ALONE = "SELECT pg_advisory_xact_lock(%s, %s)"

# The same rules as gathering.py. An abandoned conversation is open again when it goes on.
CONVERSATIONS = """
INSERT INTO ingest_conversation AS c
    (id, bot_id, name, started_at, last_at, channel, channel_at, language, language_at, users,
     intents, lowest_confidence, turn_count, escalated_at, closed_at, outcome, side, audit_share,
     signals, weight, due_since, changes)
SELECT id, %(bot)s, name, started_at, last_at, channel, channel_at, language, language_at, users,
    intents, lowest_confidence, turn_count, escalated_at, closed_at,
    CASE WHEN escalated_at IS NOT NULL THEN 'escalated'
         WHEN closed_at IS NOT NULL THEN 'closed' ELSE 'open' END,
    side, %(audit_share)s, '{}', 0, statement_timestamp(), 1
FROM json_to_recordset(%(conversations)s::json) AS new
    (id uuid, name text, started_at timestamptz, last_at timestamptz, channel text,
     channel_at timestamptz, language text, language_at timestamptz, users uuid[],
     intents text[], lowest_confidence float8, turn_count int, escalated_at timestamptz,
     closed_at timestamptz, side text)
WHERE (SELECT now FROM due)
ON CONFLICT (id) DO UPDATE SET
    started_at = LEAST(c.started_at, excluded.started_at),
    last_at = GREATEST(c.last_at, excluded.last_at),
    channel = CASE WHEN (COALESCE(excluded.channel_at, 'infinity'), excluded.channel COLLATE "C")
                      < (COALESCE(c.channel_at, 'infinity'), c.channel)
                   THEN excluded.channel ELSE c.channel END,
    channel_at = LEAST(c.channel_at, excluded.channel_at),
    language = CASE WHEN (COALESCE(excluded.language_at, 'infinity'), excluded.language COLLATE "C")
                       < (COALESCE(c.language_at, 'infinity'), c.language)
                    THEN excluded.language ELSE c.language END,
    language_at = LEAST(c.language_at, excluded.language_at),
    users = CASE WHEN c.users @> excluded.users THEN c.users ELSE (ARRAY(
        SELECT DISTINCT one FROM unnest(c.users || excluded.users) one ORDER BY one
    ))[1:%(most_users)s] END,
    intents = CASE WHEN c.intents @> excluded.intents THEN c.intents ELSE (ARRAY(
        SELECT one FROM (SELECT DISTINCT unnest(c.intents || excluded.intents) one) all_of_them
        ORDER BY one COLLATE "C"
    ))[1:%(most_intents)s] END,
    lowest_confidence = LEAST(c.lowest_confidence, excluded.lowest_confidence),
    turn_count = c.turn_count + excluded.turn_count,
    escalated_at = LEAST(c.escalated_at, excluded.escalated_at),
    closed_at = LEAST(c.closed_at, excluded.closed_at),
    outcome = CASE
        WHEN COALESCE(c.escalated_at, excluded.escalated_at) IS NOT NULL THEN 'escalated'
        WHEN COALESCE(c.closed_at, excluded.closed_at) IS NOT NULL THEN 'closed'
        WHEN excluded.last_at > c.last_at THEN 'open'
        ELSE c.outcome END,
    due_since = COALESCE(c.due_since, statement_timestamp()),
    changes = c.changes + 1
RETURNING 1
"""

# DO NOTHING takes no lock on the texts that are there: everybody says yes.
TEXTS = """
INSERT INTO ingest_text (id, bot_id, text, encoded_by, compared, bands)
SELECT DISTINCT ON (distinct_text) distinct_text, %(bot)s, normalised, '', false, '{}'::bigint[]
FROM new_turns
WHERE distinct_text IS NOT NULL AND (SELECT count(*) FROM conversations) > 0
ORDER BY distinct_text
ON CONFLICT (id) DO NOTHING
"""

NEW_TURNS = """
SELECT * FROM json_to_recordset(%(turns)s::json) AS new
    (id uuid, conversation uuid, at timestamptz, text text, response text, distinct_text uuid,
     normalised text, intent text, confidence float8, alternatives jsonb, entities jsonb,
     dialog_state jsonb, error text, latency_ms int, model_version text)
WHERE (SELECT now FROM due)
"""

TURNS = """
INSERT INTO ingest_turn
    (event_id, bot_id, conversation_id, at, text, response, distinct_text_id, intent, confidence,
     alternatives, entities, dialog_state, error, latency_ms, model_version)
SELECT id, %(bot)s, conversation, at, text, response, distinct_text, intent, confidence,
    alternatives, entities, dialog_state, error, latency_ms, model_version
FROM new_turns
"""

COMPLETIONS = """
INSERT INTO ingest_completion
    (event_id, bot_id, conversation_id, completes, at, response, intent, confidence, alternatives,
     entities, dialog_state, error, latency_ms, model_version)
SELECT id, %(bot)s, conversation, completes, at, response, intent, confidence, alternatives,
    entities, dialog_state, error, latency_ms, model_version
FROM json_to_recordset(%(completions)s::json) AS new
    (id uuid, conversation uuid, completes uuid, at timestamptz, response text, intent text,
     confidence float8, alternatives jsonb, entities jsonb, dialog_state jsonb, error text,
     latency_ms int, model_version text)
WHERE (SELECT now FROM due)
"""

# Whoever stores a turn or a completion has locked the conversation, and asks afterwards: so the
# second of two sees what the first stored. Of each field the latest says what it is, in any order.
COMPLETE = """
WITH ours AS MATERIALIZED (
    SELECT * FROM ingest_completion WHERE completes = ANY(%(turns)s) AND bot_id = %(bot)s
), said AS (
    SELECT completes, conversation_id,
        (array_agg(response ORDER BY at DESC, event_id) FILTER (WHERE response <> ''))[1]
            AS response,
        (array_agg(error ORDER BY at DESC, event_id) FILTER (WHERE error <> ''))[1] AS error,
        (array_agg(latency_ms ORDER BY at DESC, event_id)
            FILTER (WHERE latency_ms IS NOT NULL))[1] AS latency_ms,
        (array_agg(dialog_state ORDER BY at DESC, event_id)
            FILTER (WHERE dialog_state <> '{}'))[1] AS dialog_state,
        (array_agg(entities ORDER BY at DESC, event_id) FILTER (WHERE entities <> '[]'))[1]
            AS entities,
        (array_agg(model_version ORDER BY at DESC, event_id)
            FILTER (WHERE model_version <> ''))[1] AS model_version,
        (array_agg(intent ORDER BY at DESC, event_id) FILTER (WHERE intent <> ''))[1] AS intent,
        (array_agg(confidence ORDER BY at DESC, event_id) FILTER (WHERE intent <> ''))[1]
            AS confidence,
        (array_agg(alternatives ORDER BY at DESC, event_id) FILTER (WHERE intent <> ''))[1]
            AS alternatives
    FROM ours GROUP BY completes, conversation_id
)
UPDATE ingest_turn t
SET response = COALESCE(said.response, t.response), error = COALESCE(said.error, t.error),
    latency_ms = COALESCE(said.latency_ms, t.latency_ms),
    dialog_state = COALESCE(said.dialog_state, t.dialog_state),
    entities = COALESCE(said.entities, t.entities),
    model_version = COALESCE(said.model_version, t.model_version),
    intent = COALESCE(said.intent, t.intent),
    confidence = CASE WHEN said.intent IS NULL THEN t.confidence ELSE said.confidence END,
    alternatives = COALESCE(said.alternatives, t.alternatives)
FROM said
WHERE t.event_id = said.completes AND t.bot_id = %(bot)s
    AND t.conversation_id = said.conversation_id
"""

FEEDBACK = """
INSERT INTO ingest_feedback
    (event_id, bot_id, conversation_id, about, at, thumb, rating, reported, comment)
SELECT id, %(bot)s, conversation, about, at, thumb, rating, reported, comment
FROM json_to_recordset(%(feedback)s::json) AS new
    (id uuid, conversation uuid, about uuid, at timestamptz, thumb text, rating smallint,
     reported boolean, comment text)
WHERE (SELECT now FROM due)
"""

EVENTS = """
INSERT INTO ingest_incomingevent
    (id, bot_id, conversation_id, kind, at, received_at, "user", digest, redacted, mended)
SELECT id, %(bot)s, conversation, kind, at, statement_timestamp(), end_user, digest, redacted,
    mended
FROM json_to_recordset(%(events)s::json) AS new
    (id uuid, conversation uuid, kind text, at timestamptz, end_user uuid, digest uuid,
     redacted jsonb, mended boolean)
WHERE (SELECT now FROM wanted)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

DELIVERY = """
INSERT INTO ingest_delivery (id, bot_id, digest, event_count, received_at)
SELECT %(delivery)s::uuid, %(bot)s, %(digest)s::uuid, %(sent)s, statement_timestamp()
WHERE %(delivery)s::uuid IS NOT NULL
ON CONFLICT (id) DO NOTHING
RETURNING 1
"""

ERASED = """
SELECT subject, erased_at FROM ingest_tombstone
WHERE bot_id = %(bot)s AND subject = ANY(%(subjects)s)
"""

_WHAT_IS_SAID = f"""conversations AS ({CONVERSATIONS}), new_turns AS MATERIALIZED ({NEW_TURNS}),
texts AS ({TEXTS}), turns AS ({TURNS}), completions AS ({COMPLETIONS}),
feedback AS ({FEEDBACK})"""

# Of a delivery that is known, or with somebody who was erased, no event is stored. Where some
# event was known, only the new events are: what they say has to be gathered without the others.
WHOLE = f"""
WITH erased AS MATERIALIZED ({ERASED}), delivery AS ({DELIVERY}), wanted AS MATERIALIZED (
    SELECT NOT EXISTS (SELECT FROM erased)
        AND (%(delivery)s::uuid IS NULL OR EXISTS (SELECT FROM delivery)) AS now
), events AS ({EVENTS}), stored AS MATERIALIZED (
    SELECT count(*) AS number, array_agg(id) AS ids FROM events
), due AS MATERIALIZED (SELECT number = %(distinct)s AS now FROM stored), {_WHAT_IS_SAID}
SELECT %(delivery)s::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM delivery),
    (SELECT array_agg(subject) FROM erased), (SELECT array_agg(erased_at) FROM erased),
    due.now,
    CASE WHEN due.now THEN NULL ELSE stored.ids END
FROM stored, due
"""  # noqa: S608  every word is our own

REST = f"WITH due AS MATERIALIZED (SELECT true AS now), {_WHAT_IS_SAID} SELECT"
