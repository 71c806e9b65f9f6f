# SPDX-License-Identifier: MIT OR Apache-2.0
"""Stands in for the build backend of nanoarrow's source archive while pip downloads it.

pip asks the backend for the metadata of an archive before it keeps it; the real one would need
minutes and a compiler for that. Nothing is ever built with this.
"""

import pathlib


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = pathlib.Path(metadata_directory, "nanoarrow-0.9.0.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: nanoarrow\nVersion: 0.9.0\n")
    return folder.name
