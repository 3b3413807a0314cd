"""Makes the files of the corpus anew: `python -m tests.corpus.make`. All words are ours; the company does not exist.

Needs Chromium, groff, and the packages python-docx, python-pptx, fpdf2, pillow, openpyxl, pypdf and cryptography, of
which tests need only some: the files are kept in the repository, as different programs made them.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from pathlib import Path

import docx
import fpdf
import openpyxl
import pptx
import pypdf
from PIL import Image, ImageDraw

from tests.corpus import texts

FILES = Path(__file__).parent / "files"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM += [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def printed(name: str, html: str) -> None:
    """Print a page to a PDF with Chromium."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html)
        command = [*CHROMIUM, f"--user-data-dir={folder}/profile", "--no-pdf-header-footer"]
        subprocess.run([*command, f"--print-to-pdf={FILES / name}", page.as_uri()], check=True, capture_output=True)


def set_by_groff(name: str, source: str) -> None:
    done = subprocess.run(
        ["groff", "-Tutf8", "-man", "-P-cbou"], input=source.encode(), check=True, capture_output=True
    )
    (FILES / name).write_bytes(done.stdout)


def with_ligatures(name: str) -> None:
    pdf = fpdf.FPDF()
    pdf.set_title("Workshop rules")
    pdf.add_font("Serif", "", FONT)
    for page in texts.WORKSHOP:
        pdf.add_page()
        pdf.set_font("Serif", size=12)
        pdf.multi_cell(0, 8, page.replace("ffi", "\ufb03").replace("fi", "\ufb01").replace("fl", "\ufb02"))
    pdf.output(str(FILES / name))


def by_hand(name: str, pages: list[list[str]]) -> None:
    """Write a PDF 1.4 object by object, nothing compressed."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for at, lines in enumerate(pages):
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        stream = f"BT /F1 12 Tf 15 TL 72 720 Td {shown} ET"
        size = "/Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page {size} /Contents {5 + 2 * at} 0 R >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252"))
    start = out.tell()
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    out.write(f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{rows}".encode())
    out.write(f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    (FILES / name).write_bytes(out.getvalue())


def scanned(name: str) -> None:
    image = Image.new("1", (1240, 1754), 1)
    ImageDraw.Draw(image).text((200, 200), "Signed lease of the warehouse", fill=0)
    image.save(FILES / name, resolution=150)


def encrypted(name: str, of: str, password: str, algorithm: str) -> None:
    writer = pypdf.PdfWriter(clone_from=FILES / of)
    writer.encrypt(password, "the owner's", algorithm=algorithm)
    writer.write(FILES / name)


def word(name: str) -> None:
    document = docx.Document()
    document.core_properties.title = "Leave policy"
    document.add_heading("Leave policy", 1)
    for paragraph in texts.LEAVE:
        document.add_paragraph(paragraph)
    for item in texts.LEAVE_ITEMS:
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(rows=0, cols=2)
    for row in texts.LEAVE_TABLE:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = row
    document.save(FILES / name)


def word_by_hand(name: str) -> None:
    """Write a DOCX with a tracked deletion, a footnote, a line break and a text box that is stored twice."""
    with zipfile.ZipFile(FILES / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in texts.EXPENSES.items():
            archive.writestr(member, content)


def sheet(name: str) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Tools"
    for row in texts.TOOLS:
        first.append(row)
    second = book.create_sheet("Vans")
    for row in texts.VANS:
        second.append(row)
    book.save(FILES / name)


def slides(name: str) -> None:
    show = pptx.Presentation()
    for title, points in texts.SLIDES:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, "\n".join(points)
    show.save(FILES / name)


def main() -> None:
    for name, (text, encoding) in texts.PLAIN.items():
        (FILES / name).write_bytes(text.encode(encoding))
    set_by_groff("memo-heating.txt", texts.HEATING)
    for name, html in texts.PRINTED.items():
        printed(name, html)
    with_ligatures("workshop-rules.pdf")
    by_hand("minutes.pdf", texts.MINUTES)
    by_hand("payroll.pdf", texts.PAYROLL)
    scanned("lease-scanned.pdf")
    encrypted("payroll-encrypted.pdf", "payroll.pdf", "a password", "AES-256")
    encrypted("payroll-locked.pdf", "payroll.pdf", "", "AES-128")
    (FILES / "payroll.pdf").unlink()
    word("leave.docx")
    word_by_hand("expenses.docx")
    sheet("inventory.xlsx")
    slides("onboarding.pptx")
    (FILES / "handbook-broken.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    (FILES / "minutes-cut.pdf").write_bytes((FILES / "minutes.pdf").read_bytes()[:-420])
    (FILES / "leave-cut.docx").write_bytes((FILES / "leave.docx").read_bytes()[:9000])
    (FILES / "nothing.txt").write_bytes(b"")


if __name__ == "__main__":
    main()
