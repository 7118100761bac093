"""One file that holds an install, and an install made of it again.

A backup is a tar: `database.dump` as pg_dump writes it, the files of model versions and tombstones,
the Git repository of dataset versions, and `manifest.json` with what must be there: the rows of
each table, the end of the audit log, and the SHA-256 of each other member.
"""
