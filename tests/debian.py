"""Debian's packages, where a test may install what it stands on."""

from __future__ import annotations

import os
import shutil
import subprocess


def install(package: str, why: str) -> None:
    """Installs a package where we may; quietly does nothing elsewhere."""
    if not shutil.which("apt-get"):
        return
    become_root: list[str] = []
    if os.geteuid() != 0:
        become_root = ["sudo", "-n"]
        may = shutil.which("sudo") and not subprocess.call(
            [*become_root, "true"], stderr=subprocess.DEVNULL
        )
        if not may:
            return
    print(f"Installing Debian's {package} for {why}.", flush=True)
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        if subprocess.call([*apt, *command], stdout=subprocess.DEVNULL):
            return
