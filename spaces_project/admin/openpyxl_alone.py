"""openpyxl without numpy: to be imported before import_export, which loads it.

openpyxl loads numpy where it is installed, for numbers that no workbook here has: at the start of every process a
fraction of a second and 20 MB. So it is loaded here first, while numpy seems to be missing.
"""

from __future__ import annotations

import sys
from typing import Any

if "numpy" in sys.modules:
    import openpyxl
else:
    modules: dict[str, Any] = sys.modules
    modules["numpy"] = None  # what Python means by "not to be found"
    try:
        import openpyxl
    finally:
        del modules["numpy"]

__all__ = ["openpyxl"]
