"""What somebody could do to the audit log who owns the database."""

from django.db import connection


def tamper(statement, values=None):
    """Do what the triggers forbid."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")
