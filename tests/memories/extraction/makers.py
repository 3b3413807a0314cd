"""Files that tests make: archives with hostile XML, PDFs with hostile streams. None is kept in the repository."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def document(body: str, before: str = "") -> dict[str, str]:
    return {"word/document.xml": f"<?xml version='1.0'?>{before}<w:document {W}><w:body>{body}</w:body></w:document>"}


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def zeros(size: int, times: int = 1) -> bytes:
    """Return ``size`` spaces, deflated ``times`` times over."""
    data = b""
    compress = zlib.compressobj(9)
    block = b" " * 2**20
    for _ in range(size // len(block)):
        data += compress.compress(block)
    data += compress.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def zip_of(name: str, deflated: bytes, size: int, crc: int) -> bytes:
    """Return an archive with one member given as a zlib stream, that says it has ``size`` bytes (zip 64 if need be)."""
    raw = deflated[2:-4]
    shown, extra = min(size, 2**32 - 1), b""
    if size >= 2**32:
        extra = struct.pack("<HHQ", 1, 8, size)
    fields = (45, 0, 8, 0, 0, crc, len(raw), shown, len(name), len(extra))
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", *fields) + name.encode() + extra
    central = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 45, *fields, 0, 0, 0, 0, 0) + name.encode() + extra
    start = len(local) + len(raw)
    return local + raw + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), start, 0)


def pdf(streams: list[bytes], filters: str = "", kids: int | None = None) -> bytes:
    """Return a PDF whose pages have these content streams; with ``kids``, the first page so many times over."""
    numbers = [4 + 2 * at for at in range(len(streams))] if kids is None else [4] * kids
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{number} 0 R' for number in numbers)}] /Count {len(numbers)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, stream in enumerate(streams):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * at} 0 R "
        bodies.append(page.encode() + b"/Resources << /Font << /F1 3 0 R >> >> >>")
        bodies.append(f"<< /Length {len(stream)} {filters} >>\nstream\n".encode() + stream + b"\nendstream")
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{rows}trailer << /Size {len(places) + 1} /Root 1 0 R >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


def shown(text: str) -> bytes:
    return f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
