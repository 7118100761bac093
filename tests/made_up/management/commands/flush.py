"""Django's `flush`, for a house in which few tables hold anything."""

from django.core.management.commands import flush
from django.db import connections, transaction

# Written by `migrate`, the same after each test. Django would empty both and write them anew.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}

WITH_TRIGGERS = """
SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal
"""


class Command(flush.Command):
    """Delete instead of truncating.

    A truncated table gets new files, and so does each of its indexes, which takes longer than
    most tests. Every foreign key here is checked at the end of the transaction, so the order
    does not matter. Triggers rest: some forbid it, and others would remember it.
    """

    def handle(self, **options):
        connection = connections[options["database"]]
        quoted = connection.ops.quote_name
        tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
        deleting = ";".join(f"DELETE FROM {quoted(table)}" for table in sorted(tables))
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('is_superuser')")
            if cursor.fetchone() == ("on",):
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(deleting)
                return
            cursor.execute(WITH_TRIGGERS)
            theirs = [quoted(table) for (table,) in cursor.fetchall()]
            for state, then in (("DISABLE", deleting), ("ENABLE", "")):
                turning = [f"ALTER TABLE {table} {state} TRIGGER USER" for table in theirs]
                cursor.execute(";".join([*turning, then]))
