"""A node's systemd unit where no systemd runs: its own command, in its own sandbox.

What the unit asks of systemd is asked of bubblewrap and libseccomp: a file system that cannot be
written but for the node's folder, no devices, no other processes, no capabilities, a user of its
own, and the system calls that its filter leaves. Not imitated: credentials are a file that is
mounted where systemd would put it, RestrictSUIDSGID, LockPersonality, limits of memory and time.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

CREDENTIALS = "/run/credentials/tongbao"
EVERY_CALL = ("socket", "clone", "clone3", "mmap", "mprotect", "pkey_mprotect")
"""Calls that are permitted or not by their arguments."""
_FILTER = """
import json, sys
import seccomp
from seccomp import ALLOW, ERRNO, EQ, MASKED_EQ, Arg, SyscallFilter
asked = json.load(sys.stdin)
rules = SyscallFilter(ERRNO(1))
for name in asked["calls"]:
    try:
        rules.add_rule(ALLOW, name)
    except (RuntimeError, ValueError):
        pass  # a call that this kernel's architecture does not have
for family in asked["families"]:
    rules.add_rule(ALLOW, "socket", Arg(0, EQ, family))
rules.add_rule(ALLOW, "clone", Arg(0, MASKED_EQ, asked["namespaces"], 0))
rules.add_rule(ERRNO(38), "clone3")
for protection in (0, 2, 4):  # never to be written and executed at once
    rules.add_rule(ALLOW, "mmap", Arg(2, MASKED_EQ, 6, protection))
for name in ("mprotect", "pkey_mprotect"):
    rules.add_rule(ALLOW, name, Arg(2, MASKED_EQ, 4, 0))
with open(sys.argv[1], "wb") as file:
    rules.export_bpf(file)
"""
_FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
_NAMESPACES = 0x7E02_0000
"""CLONE_NEW* of mount, cgroup, uts, ipc, user, pid and net."""


def read_unit(path: Path) -> dict[str, list[str]]:
    """The settings of a unit, each with all its lines."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("#", "[")):
            found.setdefault(name, []).append(value)
    return found


def allowed_calls(unit: dict[str, list[str]]) -> list[str]:
    """System calls that the unit's filter leaves, its groups shown by systemd itself."""
    done = subprocess.run(
        ["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True
    )
    groups: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("@"):
            members = groups.setdefault(line.strip(), [])
        elif line.startswith("    ") and not line.strip().startswith("#"):
            members.append(line.strip())

    def expand(name: str) -> Iterator[str]:
        if not name.startswith("@"):
            yield name
            return
        for one in groups[name]:
            yield from expand(one)

    left: set[str] = set()
    for line in unit["SystemCallFilter"]:
        named = {call for name in line.lstrip("~").split() for call in expand(name)}
        left = left - named if line.startswith("~") else left | named
    return sorted(left - set(EVERY_CALL))


def write_filter(unit: dict[str, list[str]], path: Path) -> None:
    """The program that the kernel holds every call against."""
    asked = {
        "calls": allowed_calls(unit), "namespaces": _NAMESPACES,
        "families": [_FAMILIES[one] for one in unit["RestrictAddressFamilies"][0].split()],
    }  # fmt: skip
    subprocess.run(
        ["/usr/bin/python3", "-c", _FILTER, str(path)], input=json.dumps(asked), text=True,
        check=True,
    )  # fmt: skip


def command(
    unit: dict[str, list[str]], root: Path, home: Path, secret: Path, rules: int, user: int
) -> list[str]:
    """What starts the unit's command in its sandbox; `rules` is an open file with the filter."""
    [working] = unit["WorkingDirectory"]
    [start] = unit["ExecStart"]
    assert unit["ProtectSystem"] == ["strict"] and unit["ReadWritePaths"] == [working]
    inside = [
        "--ro-bind", "/mnt", "/", "--proc", "/proc", "--dev", "/dev",
        "--tmpfs", "/tmp",  # noqa: S108 - a new one, inside
        "--tmpfs", "/run", "--tmpfs", "/var", "--tmpfs", "/home", "--tmpfs", "/root",
        "--ro-bind", str(secret), f"{CREDENTIALS}/passphrase", "--bind", str(home), working,
    ]  # fmt: skip
    words = shlex.split(start.replace("%d", CREDENTIALS))
    given = [word for line in unit["Environment"] for word in ("--setenv", *line.split("=", 1))]
    box = [
        "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "bwrap",
        "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--cap-drop", "ALL",
        "--die-with-parent", "--clearenv", *given, *inside, "--chdir", working,
        "--seccomp", str(rules), "--", *words,
    ]  # fmt: skip
    # The image's files lie where only root may go: seen from here alone, they are at /mnt.
    script = f"mount --bind {shlex.quote(str(root))} /mnt && exec {shlex.join(box)}"
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]


def main_process(parent: int, program: str) -> int:
    """The process id, seen from here, of a program below a process; 0 where there is none."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or parent not in _ancestors(int(entry.name)):
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.decode(errors="replace") == program for word in words[:2]):
            return int(entry.name)
    return 0


def _ancestors(pid: int) -> list[int]:
    found: list[int] = []
    while pid > 1:
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return found
        pid = int(text.rpartition(")")[2].split()[1])
        found.append(pid)
    return found


def status_of(pid: int) -> dict[str, str]:
    """What the kernel says of a process: capabilities, filters, users."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def chown_all(path: Path, user: int) -> None:
    """Give a folder to a user, all of it."""
    for one in (path, *path.rglob("*")):
        os.chown(one, user, user)
