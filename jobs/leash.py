"""Ends a process when the one that started it ends, even by SIGKILL.

Imported, it offers `die_with_parent`. Run as a script it puts another program on the
leash, and gives up root first if asked:

    python -I -S jobs/leash.py --signal QUIT [--user-namespace | --uid 65534] -- PROGRAM …

The kernel forgets the leash when a process changes its credentials, so it is put on last.
Standard library only and no package imports: as a script it starts in 15 ms.
"""

import argparse
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
UNPRIVILEGED = 1000


def die_with_parent(signum: int, *, parent: int | None = None) -> None:
    """Have the kernel send `signum` to this process once its parent is gone.

    `parent` is the process id that must still be the parent; without it, a parent
    that died a moment ago goes unnoticed.
    """
    if sys.platform != "linux":
        return
    _libc().prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signum)


def enter_user_namespace() -> None:
    """Become an ordinary user inside a namespace of our own. OSError where that is refused."""
    uid, gid = os.getuid(), os.getgid()
    if _libc().unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{UNPRIVILEGED} {uid} 1")
    _write("/proc/self/gid_map", f"{UNPRIVILEGED} {gid} 1")


def become(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signal", default="KILL")
    parser.add_argument("--parent", type=int)
    parser.add_argument("--user-namespace", action="store_true")
    parser.add_argument("--uid", type=int)
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    if options.user_namespace:
        enter_user_namespace()
    elif options.uid is not None:
        become(options.uid)
    die_with_parent(signal.Signals[f"SIG{options.signal}"], parent=options.parent)
    os.execv(options.program[0], options.program)


if __name__ == "__main__":
    main()
