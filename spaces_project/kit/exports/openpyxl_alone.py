"""openpyxl without numpy.

openpyxl loads numpy where it is installed, for numbers that we never write: at the start of every process a fraction of
a second and 20 MB. So it is loaded here first, while numpy seems to be missing.
"""

from __future__ import annotations

import sys
from typing import Any

if "numpy" in sys.modules:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
else:
    modules: dict[str, Any] = sys.modules
    modules["numpy"] = None  # what Python means by "not to be found"
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    finally:
        del modules["numpy"]

__all__ = ["Workbook", "WriteOnlyCell"]
