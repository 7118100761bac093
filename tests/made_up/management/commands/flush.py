"""Django's `flush`, for a house in which few tables hold anything."""

from django.core.management.commands import flush
from django.db import connections, transaction

# Written by `migrate`, the same after each test. Django would empty both and write them anew.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


class Command(flush.Command):
    """Delete instead of truncating.

    A truncated table gets new files, and so does each of its indexes, which takes longer than
    most tests. Every foreign key here is checked at the end of the transaction, so the order
    does not matter.
    """

    def handle(self, **options):
        connection = connections[options["database"]]
        quoted = connection.ops.quote_name
        tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
        deleting = ";".join(f"DELETE FROM {quoted(table)}" for table in sorted(tables))
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            cursor.execute(deleting)
