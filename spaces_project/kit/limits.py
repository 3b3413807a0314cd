"""Every limit of the product, in one place. Documented in docs/limits.md, which a test compares with this file."""

from typing import Final

# Requests
JSON_BODY_BYTES: Final = 10 * 1024 * 1024
JSON_DEPTH: Final = 32
JSON_NODES: Final = 50_000
STRING_BYTES: Final = 1024 * 1024
QUERY_STRING_BYTES: Final = 16 * 1024

# Fields
NAME_CHARS: Final = 255
DESCRIPTION_CHARS: Final = 65_535
ALIAS_CHARS: Final = 128
META_BYTES: Final = 64 * 1024
META_KEYS: Final = 256
META_KEY_BYTES: Final = 128
META_DEPTH: Final = 8
LABELS: Final = 20
LABEL_KEY_CHARS: Final = 64
LABEL_VALUE_CHARS: Final = 255
FINGERPRINT_MIN_CHARS: Final = 16
FINGERPRINT_CHARS: Final = 255
PREFERENCES_CHARS: Final = 65_535
SEARCH_TEXT_CHARS: Final = 65_536
SEARCH_QUERY_CHARS: Final = 1_000

# Lists and exports
PAGE_TAKE: Final = 100
PAGE_ROWS: Final = 50
META_FILTERS: Final = 20
ID_FILTERS: Final = 100
COUNT_CAP: Final = 10_000
EXPORT_BATCH: Final = 2_000
EXPORT_FIRST: Final = 100
EXPORT_BATCH_CHARS: Final = 4_000_000
DATASET_ROWS: Final = 5_000
XLSX_ROWS: Final = 200_000
BULK_ROWS: Final = 10_000
IMPORT_FILE_BYTES: Final = 20 * 1024 * 1024

# People and keys
PASSWORD_CHARS: Final = 15
SIGN_IN_FAILURES: Final = 5
API_KEY_LAST_USED_SECONDS: Final = 60
API_KEY_SPACES: Final = 1_000
EXPORT_LINK_DAYS: Final = 365
