"""The operations of keys, users and the system itself."""

from __future__ import annotations

from . import answers as a
from .operation import Operation

SystemInfo = a.shape("GoodMemSystemInfo", "What answers here.", version=a.text(), major=a.number(), minor=a.number(),
                     patch=a.number(), dirty=a.flag(), capabilities=a.labels())  # fmt: skip
SystemInit = a.shape("GoodMemSystemInit", "It is set up already.", alreadyInitialized=a.flag(), message=a.text())

PEOPLE: tuple[Operation, ...] = (
    Operation("system.info", "getSystemInfo", "Say what answers here", SystemInfo, fails=(), is_open=True),
    Operation("system.init", "initializeSystem", "Say that it is set up", SystemInit, fails=(), is_open=True),
)
