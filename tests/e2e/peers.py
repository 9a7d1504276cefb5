"""Other people's programs that the tests compare with or start. Never installed: unpacked from their packages by
scripts/test into build/peers, or named by the environment."""

import os
import shutil
import subprocess
from pathlib import Path

PEERS = Path(__file__).resolve().parents[2] / "build/peers"


def _has_its_libraries(program):
    return "not found" not in subprocess.run(["ldd", program], capture_output=True, text=True).stdout


def find(name, path, package=None):
    """$NAME, or the unpacked one, or the one in PATH; None when there is none."""
    for candidate in (os.environ.get(name.upper()), PEERS / (package or name) / path, shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")):
        if candidate and os.access(candidate, os.X_OK) and _has_its_libraries(candidate):
            return Path(candidate).resolve()
    return None


XINETD = find("xinetd", "usr/sbin/xinetd")
VSFTPD = find("vsftpd", "usr/sbin/vsftpd")
TCPDMATCH = find("tcpdmatch", "usr/sbin/tcpdmatch", "tcpd")
OPENBSD_INETD = find("openbsd_inetd", "usr/sbin/inetd", "openbsd-inetd")
GNU_INETD = find("gnu_inetd", "usr/sbin/inetutils-inetd", "inetutils-inetd")
