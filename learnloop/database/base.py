"""Django's PostgreSQL, but that a look whether a connection lives asks nothing of the database.

Django asks a question before each request that needs a connection, and waits for the answer: a
tenth of what a prediction costs. A connection that the server ended has something to read though
nobody asked anything, and the kernel knows that.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the connection was not ended by the server, as far as this machine knows.

        What waits to be read may be a notice, too, and then Django's question decides.
        """
        if self.connection is None or self.connection.closed:
            return False
        return not something_to_read(self.connection.fileno()) or bool(super().is_usable())


def something_to_read(file: int, *, within: int = 0) -> bool:
    """Whether something waits there, or comes within so many milliseconds."""
    poll = select.poll()  # select() knows no file above 1,023
    poll.register(file, select.POLLIN)
    return bool(poll.poll(within))
