"""Whether the disk has room for all that the queues may hold."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from otelmon.operate.collector.merged import Tree

MIB = 1 << 20


def most_bytes(configuration: Tree) -> int:
    """Returns how much disk the queues take at most: each full, and the largest once more while it is compacted.

    Args:
        configuration: as ``merged`` returns it. Each exporter has a queue for each signal that a pipeline gives it.
    """
    exporters = configuration.get("exporters") or {}
    pipelines = (configuration.get("service") or {}).get("pipelines") or {}
    queues = {(name.partition("/")[0], each) for name, one in pipelines.items() for each in one.get("exporters") or []}
    sizes = [_on_disk((exporters.get(exporter) or {}).get("sending_queue") or {}) for _, exporter in queues]
    return sum(sizes) + max(sizes, default=0)


def _on_disk(queue: Tree) -> int:
    counted = queue.get("storage") and queue.get("sizer") == "bytes"
    return int(queue.get("queue_size") or 0) if counted else 0


def shortage(folder: Path, configuration: Tree) -> str:
    """Returns a line that says how much the disk of a folder lacks, or nothing where it has enough.

    Args:
        folder: of the queues; it need not be there yet.
        configuration: as ``merged`` returns it.

    Raises:
        OSError: the disk cannot be looked at.
    """
    disk = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    held = sum(path.stat().st_blocks * 512 for path in folder.glob("*") if path.is_file())
    room, wanted = shutil.disk_usage(disk).free + held, most_bytes(configuration)
    if room >= wanted:
        return ""
    return (
        f"the disk of {folder} has {room // MIB:,} MiB for queues that may take {wanted // MIB:,} MiB: a full disk "
        "loses data of every back end; lower OTELMON_COLLECTOR_QUEUE_BYTES or use a larger disk"
    )
