"""What must be found in the files of the corpus, and on which page; and which files fail, and how."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from memories.extraction import Code

FILES = Path(__file__).parent / "files"
OFFICE = "application/vnd.openxmlformats-officedocument"


class Passage(NamedTuple):
    """A text that a file has; ``page`` counts from 1 and is 0 where there are no pages. A space is a line end too."""

    file: str
    text: str
    page: int = 0


TYPES = {
    "brandfall-latin1.html": "text/html",
    "delivery-tariffs.xml": "application/xml",
    "expenses.docx": f"{OFFICE}.wordprocessingml.document",
    "handbook.pdf": "application/pdf",
    "inventory.xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "kitchen-bom.txt": "text/plain",
    "label-printer.json": "application/json",
    "leave.docx": f"{OFFICE}.wordprocessingml.document",
    "memo-heating.txt": "text/plain",
    "minutes.pdf": "application/pdf",
    "news-two-columns.pdf": "application/pdf",
    "onboarding.pptx": f"{OFFICE}.presentationml.presentation",
    "opening-hours.csv": "text/csv",
    "parking-utf16be.txt": "text/plain",
    "payroll-locked.pdf": "application/pdf",
    "price-list.pdf": "application/pdf",
    "returns.md": "text/markdown",
    "security-utf16.txt": "text/plain",
    "suppliers.tsv": "text/tab-separated-values",
    "tokyo-shift-jis.html": "text/html",
    "travel-cp1252.txt": "text/plain",
    "welcome.html": "text/html",
    "workshop-rules.pdf": "application/pdf",
}
TITLES = {
    "handbook.pdf": "Employee handbook",
    "leave.docx": "Leave policy",
    "news-two-columns.pdf": "House news",
    "price-list.pdf": "Price list",
    "welcome.html": "Welcome to Harbour & Pine",
    "workshop-rules.pdf": "Workshop rules",
}
PAGES = {
    "handbook.pdf": 5,
    "inventory.xlsx": 2,
    "minutes.pdf": 2,
    "news-two-columns.pdf": 1,
    "onboarding.pptx": 2,
    "payroll-locked.pdf": 1,
    "price-list.pdf": 1,
    "workshop-rules.pdf": 2,
}
PASSAGES = [
    Passage("brandfall-latin1.html", "Aufzüge dürfen nicht benutzt werden. Die Ersthelferin ist Frau Dr. Möller"),
    Passage("delivery-tariffs.xml", "Islands without a bridge cost an additional 35 euros per delivery."),
    Passage("expenses.docx", "Claims above 500 euros are signed by the head of finance."),
    Passage("expenses.docx", "Tips count up to ten percent."),
    Passage("handbook.pdf", "Core time, when everyone can be reached, is from ten to three.", 1),
    Passage("handbook.pdf", "Probation lasts four months.", 2),
    Passage("handbook.pdf", "Work from abroad is possible for twenty days a year", 3),
    Passage("handbook.pdf", "training budget of 1,200 euros a year", 4),
    Passage("handbook.pdf", "a discount of 30 percent, twice a year", 5),
    Passage("inventory.xlsx", "Steam box | hall C | 1 | 2026-11-15", 1),
    Passage("inventory.xlsx", "HP 204 | delivery team north | 1150", 2),
    Passage("kitchen-bom.txt", "Kitchen rota Whoever takes the last coffee"),
    Passage("label-printer.json", '"remedy": "insert ribbon type R-118"'),
    Passage("leave.docx", "Up to five days may be carried over and must be taken by the end of March."),
    Passage("leave.docx", "Years of service | Additional days Ten | 2 Twenty | 4"),
    Passage("memo-heating.txt", "the paint shop is kept at twenty-three degrees"),
    Passage("minutes.pdf", "It begins on 1 June and lasts six months.", 1),
    Passage("minutes.pdf", "Partners are invited, dogs are not.", 2),
    Passage("news-two-columns.pdf", "its four people move to final assembly. Silver for Fjord Our chair Fjord", 1),
    Passage("onboarding.pptx", "Ear protection above 85 decibels", 1),
    Passage("onboarding.pptx", "The intranet is called Knot", 2),
    Passage("opening-hours.csv", 'Showroom Bergen,10:00-18:00,10:00-16:00,"closed on public holidays, except 17 May"'),
    Passage("parking-utf16be.txt", "places 11 and 12 have chargers for electric cars"),
    Passage("payroll-locked.pdf", "Salaries are paid on the 27th of each month", 1),
    Passage("price-list.pdf", "Table Skagen, 220 cm oak 1,780 euros Chair Fjord ash 365 euros", 1),
    Passage("returns.md", "unused furniture back within **45 days** of delivery"),
    Passage("security-utf16.txt", "after an incident. Report a lost telephone within one hour"),
    Passage("security-utf16.txt", "Visitors\u2019 computers"),
    Passage("security-utf16.txt", "Δεν μοιράζουμε κωδικούς"),
    Passage("suppliers.tsv", "Lumen Textiles wool upholstery 35 days minimum order 60 metres"),
    Passage("tokyo-shift-jis.html", "営業時間は午前十一時から午後七時までです。"),
    Passage("travel-cp1252.txt", "€38 a day \u2013 €52 in Zürich and Genève"),
    Passage("travel-cp1252.txt", "“special fares” need the approval"),
    Passage("welcome.html", "ring bell 3 at the side door."),
    Passage("welcome.html", "Topic | Ask Laptops and accounts | the help desk, extension 4410 Lost badges | Reception"),
    Passage("workshop-rules.pdf", "the defibrillator is on the first floor. Efficient dust extraction", 1),
    Passage(
        "workshop-rules.pdf", "Flammable fluids are kept in the red cabinet, whose key is with the shift leader.", 2
    ),
]
ABSENT = [
    ("welcome.html", "hidden"),
    ("expenses.docx", "900"),
    ("workshop-rules.pdf", "\ufb01"),
    ("workshop-rules.pdf", "\ufb03"),
]
ONCE = [("expenses.docx", "Alcohol is never paid for.")]
FAILING = {
    "handbook-broken.pdf": Code.CORRUPT,
    "leave-cut.docx": Code.CORRUPT,
    "lease-scanned.pdf": Code.NO_TEXT,
    "minutes-cut.pdf": Code.CORRUPT,
    "nothing.txt": Code.EMPTY,
    "payroll-encrypted.pdf": Code.ENCRYPTED,
}
