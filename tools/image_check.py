"""Build the container file for real and run a node in it, on a machine without a registry.

    python tools/image_check.py [--fresh]        (make image-check)

Needs root on a Debian machine with buildah, mmdebstrap, bubblewrap, python3-seccomp, systemd and a
Rust toolchain, and the package registries. The two images that the container file starts from are
made here, under the same names: Debian's by mmdebstrap, Rust's from it with this machine's
toolchain. Then a network of one validator is made, its container file is built from the source
tree, the node runs as the image's own user with its folder mounted, settles a payment, and stops on
SIGTERM. The same again by the command of the systemd unit in the unit's sandbox
(tools/unit_sandbox.py). Prints one JSON object.

Images stay in .tools/images, so that a second run builds in a minute; `--fresh` makes all anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sources import ROOT
from unit_sandbox import (
    chown_all,
    command,
    main_process,
    read_unit,
    status_of,
    write_filter,
)

STORE = ROOT / ".tools" / "images"
STORED = ("--root", str(STORE / "store"), "--runroot", str(STORE / "run"))
SUITE = "bookworm"
DEBIAN, RUST, NODE = "localhost/debian:bookworm-slim", "localhost/rust:1-bookworm", "tongbao"
USER = 10_001
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
READY_S, STOP_S = 60.0, 60.0
NEEDS = ("buildah", "mmdebstrap", "rustc", "bwrap", "setpriv", "systemd-analyze")


def buildah(*words: str, quiet: bool = False) -> str:
    """Run buildah on the store; what it prints."""
    silent = subprocess.DEVNULL if quiet else None
    done = subprocess.run(
        ["buildah", *STORED, *words], stdout=subprocess.PIPE, stderr=silent, text=True, check=False
    )
    if done.returncode and not quiet:
        raise SystemExit(f"buildah {' '.join(words)} ended with status {done.returncode}")
    return done.stdout.strip()


@contextmanager
def container(image: str) -> Iterator[str]:
    """A working container of an image."""
    name = buildah("from", "--pull=never", image)
    try:
        yield name
    finally:
        buildah("rm", name)


@contextmanager
def mounted(name: str) -> Iterator[Path]:
    """The file system of a working container."""
    try:
        yield Path(buildah("mount", name))
    finally:
        buildah("umount", name)


def run(name: str, script: str) -> None:
    """A shell script inside a container."""
    buildah("run", "--isolation", "chroot", name, "--", "sh", "-euc", script)


def has(image: str) -> bool:
    """Whether the store has an image."""
    return bool(buildah("images", "--quiet", image, quiet=True))


# ---- the images that the container file starts from ----------------------------------------------


def make_debian() -> None:
    """Debian's smallest, with this machine's certificate authorities."""
    with tempfile.TemporaryDirectory(dir=STORE) as folder:
        tar = Path(folder) / "debian.tar"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates", SUITE,
             str(tar)], check=True,
        )  # fmt: skip
        with container("scratch") as name:
            buildah("add", "--quiet", name, str(tar), "/")
            with mounted(name) as root:
                shutil.copyfile(BUNDLE, root / BUNDLE.relative_to("/"))
            buildah("commit", "--quiet", name, DEBIAN)


def make_rust() -> None:
    """The same with a C linker and this machine's Rust."""
    found = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, check=True)
    sysroot = found.stdout.decode().strip()
    linker = """
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \\
            gcc libc6-dev >/dev/null
        rm -rf /var/lib/apt/lists/*
    """
    commands = """
        mkdir -p /usr/local/cargo/bin
        ln -s /usr/local/rust/bin/* /usr/local/cargo/bin/
        /usr/local/cargo/bin/cargo -V
    """
    with container(DEBIAN) as name:
        run(name, linker)
        with mounted(name) as root:
            target = root / "usr/local/rust"
            target.mkdir(parents=True)
            left_out = ("--exclude=share/doc", "--exclude=lib/rustlib/src")
            packing = ["tar", "-C", sysroot, "-c", *left_out, "."]
            with subprocess.Popen(packing, stdout=subprocess.PIPE) as packed:
                subprocess.run(["tar", "-C", str(target), "-x"], stdin=packed.stdout, check=True)
        run(name, commands)
        path = "/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        buildah("config", "--env", f"PATH={path}", "--env", "CARGO_HOME=/usr/local/cargo", name)
        buildah("commit", "--quiet", name, RUST)


# ---- the node ------------------------------------------------------------------------------------


def tongbao(*words: object) -> Any:
    """A command of this tree's own program; its JSON."""
    program = [str(Path(sys.executable).with_name("tongbao")), "--json", *map(str, words)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(program)}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def build(file: Path) -> tuple[float, float]:
    """Build the container file from the source tree; seconds, and megabytes of what runs."""
    began = time.monotonic()
    buildah(
        "bud", "--quiet", "--isolation", "chroot", "--pull-never", "--layers", "--file", str(file),
        "--tag", NODE, str(ROOT),
    )  # fmt: skip
    seconds = time.monotonic() - began
    with container(NODE) as name, mounted(name) as root:
        used = subprocess.run(["du", "-sm", str(root)], capture_output=True, check=True)
    return seconds, float(used.stdout.split()[0])


def give_away(net: Path, home: Path) -> Path:
    """The node's folder and its passphrase belong to the user of the image; the passphrase."""
    secret = net / "passphrase"
    shutil.copyfile(home / "wallet" / "DEMONSTRATION-PASSPHRASE", secret)
    secret.chmod(0o400)
    os.chown(secret, USER, USER)
    chown_all(home, USER)
    for folder in (net, net.parent):
        folder.chmod(0o711)
    return secret


def in_container(net: Path, entry: dict[str, Any], secret: Path) -> dict[str, Any]:
    """Run the node in the image, as its entry point says; settle a payment; stop it."""
    home = net / str(entry["home"])
    image = json.loads(buildah("inspect", "--type", "image", NODE))
    with container(NODE) as name:
        command = [
            "buildah", *STORED, "run", "--isolation", "chroot", "--volume", f"{home}:/node",
            "--volume", f"{secret}:/run/secrets/passphrase:ro", name, "--",
            *image["OCIv1"]["config"]["Entrypoint"],
        ]  # fmt: skip
        began = time.monotonic()
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                reported = settles(net, entry, process, began)
                pid = int(json.loads((home / "node.json").read_text())["pid"])
                reported["user"] = status_of(pid)["Uid"].split()[0]
            finally:
                stop(process, main_process(process.pid, "/opt/tongbao/bin/tongbao"))
        return reported | {"stopped_with": process.returncode}


def in_unit(net: Path, entry: dict[str, Any], secret: Path) -> dict[str, Any]:
    """The same by the command of the systemd unit, in the sandbox that it asks for."""
    home = net / str(entry["home"])
    unit = read_unit(home / "tongbao.service")
    write_filter(unit, net / "calls.bpf")
    rules = os.open(net / "calls.bpf", os.O_RDONLY)
    with container(NODE) as name, mounted(name) as root:
        words = command(unit, root, home, secret, rules, USER)
        began = time.monotonic()
        with subprocess.Popen(words, stderr=subprocess.PIPE, pass_fds=(rules,)) as process:
            pid = 0
            try:
                reported = settles(net, entry, process, began)
                pid = main_process(process.pid, "/opt/tongbao/bin/tongbao")
                seen = status_of(pid)
                reported |= {
                    "user": seen["Uid"].split()[0], "capabilities": seen["CapEff"],
                    "no_new_privileges": seen["NoNewPrivs"], "call_filter": seen["Seccomp"],
                }  # fmt: skip
            finally:
                stop(process, pid)
        return reported | {"stopped_with": process.returncode}


def settles(
    net: Path, entry: dict[str, Any], process: subprocess.Popen[bytes], began: float
) -> dict[str, Any]:
    """Wait until the node is ready, and settle a payment through it."""
    ready = wait_ready(str(entry["url"]), process, began)
    paid = tongbao(
        "pay", "send", "hengtong/main", "mingda/main", "12.50", "CNY", "--home", net, "--url",
        entry["url"],
    )  # fmt: skip
    return {"ready_seconds": round(ready, 1), "settled_in_block": paid["height"]}


def wait_ready(url: str, process: subprocess.Popen[bytes], began: float) -> float:
    """Seconds until the node takes transactions and made its first block."""
    while time.monotonic() - began < READY_S:
        if process.poll() is not None:
            reply = process.stderr.read().decode() if process.stderr else ""
            raise SystemExit(f"the node ended with status {process.returncode}: {reply[-2000:]}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - ours
                if json.load(answer).get("height", 0) > 0:
                    return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"the node was not ready within {READY_S:.0f} s")


def stop(process: subprocess.Popen[bytes], pid: int) -> None:
    """SIGTERM to the node itself, as a service manager sends it; its status is the caller's."""
    if process.poll() is None:
        os.kill(pid or process.pid, signal.SIGTERM)
    try:
        process.communicate(timeout=STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def main() -> None:
    """Check, and print what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--fresh", action="store_true", help="make every image anew")
    fresh = parser.parse_args().fresh
    missing = [one for one in NEEDS if shutil.which(one) is None]
    if os.geteuid() != 0 or missing:
        raise SystemExit(f"image-check needs root and {', '.join(NEEDS)}; missing: {missing}")
    STORE.mkdir(parents=True, exist_ok=True)
    for image, make in ((DEBIAN, make_debian), (RUST, make_rust)):
        if fresh or not has(image):
            make()
    with tempfile.TemporaryDirectory() as folder:
        net = Path(folder) / "net"
        made = tongbao("network", "init", net, "--validators", 1, "--port", 0)
        [entry] = made["nodes"]
        seconds, megabytes = build(net / entry["home"] / "Containerfile")
        secret = give_away(net, net / entry["home"])
        runs = {
            "container": in_container(net, entry, secret), "unit": in_unit(net, entry, secret)
        }  # fmt: skip
    print(json.dumps({"build_seconds": round(seconds), "image_mb": megabytes, **runs}, indent=1))
    for how, reported in runs.items():
        if (reported["stopped_with"], reported["user"]) != (0, str(USER)):
            raise SystemExit(f"{how}: the node ran as another user or did not stop cleanly")
    if int(runs["unit"]["capabilities"], 16) or runs["unit"]["call_filter"] != "2":
        raise SystemExit("unit: the sandbox was not there")


if __name__ == "__main__":
    main()
