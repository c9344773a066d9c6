"""Reads a trust repository with the reference implementation of TUF.

usage: refresh.py ROOT_FILE METADATA_URL TARGETS_URL FOLDER NAME…

Writes each target file to FOLDER under its name; ends with 1 and the reason when anything is refused.
"""

import os
import sys

from tuf.ngclient import Updater


def main(root, metadata_url, targets_url, folder, *names):
    metadata, targets = os.path.join(folder, "metadata"), os.path.join(folder, "targets")
    os.makedirs(metadata, exist_ok=True)
    os.makedirs(targets, exist_ok=True)
    with open(root, "rb") as file:
        bootstrap = file.read()
    updater = Updater(metadata, metadata_url, targets, targets_url, bootstrap=bootstrap)
    updater.refresh()
    for name in names:
        info = updater.get_targetinfo(name)
        if info is None:
            sys.exit(f"{name} is not listed")
        updater.download_target(info, os.path.join(folder, name))


main(*sys.argv[1:])
