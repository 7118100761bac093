"""Reports, decisions and deployments are not deleted either, by whatever way."""

from django.db import migrations

TABLES = ("evaluationreport", "decision", "deployment")

FORWARD = """
-- Nothing in the product deletes them: erasing an end user takes what a report lists by itself
-- (JudgedTurn), and bots stay.
CREATE FUNCTION training_is_kept_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are kept for good: they say who let what go live, and why.',
        TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_kept_for_good';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_is_kept_for_good BEFORE DELETE ON training_{table}
    FOR EACH ROW EXECUTE FUNCTION training_is_kept_for_good();
CREATE TRIGGER {table}_is_kept_whole BEFORE TRUNCATE ON training_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION training_is_kept_for_good();
"""
    for table in TABLES
)

BACKWARD = (
    "".join(
        f"""
DROP TRIGGER {table}_is_kept_for_good ON training_{table};
DROP TRIGGER {table}_is_kept_whole ON training_{table};
"""
        for table in TABLES
    )
    + "DROP FUNCTION training_is_kept_for_good();"
)


class Migration(migrations.Migration):
    dependencies = [("training", "0004_what_the_database_sees_to")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
