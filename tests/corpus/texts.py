"""What the files of the corpus say: the papers of Harbour & Pine, a small maker of furniture that does not exist."""

from __future__ import annotations

RETURNS = """# Returns and repairs

## Sending goods back

Customers may send unused furniture back within **45 days** of delivery. We pay the freight if the piece arrived
damaged; otherwise the customer pays a flat fee of 29 euros.

Made-to-measure pieces cannot be returned, but we repair them free of charge for ten years.

## Refunds

- Refunds go to the card that was charged, never to another one.
- They arrive within six working days after the warehouse has looked at the piece.
- Gift vouchers are refunded as vouchers.
"""

WELCOME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Welcome to Harbour &amp; Pine</title>
<style>body { color: hidden-style }</style><script>var secret = "hidden-script";</script></head>
<body><nav><ul><li>Home</li><li>Team</li></ul></nav>
<h1>Your first week</h1>
<p>On your first day, Reception hands you a badge; until it is active, ring <b>bell&nbsp;3</b> at the side door.</p>
<h2>People to know</h2>
<table><tr><th>Topic</th><th>Ask</th></tr>
<tr><td>Laptops and accounts</td><td>the help desk, extension 4410</td></tr>
<tr><td>Lost badges</td><td>Reception, extension 4400</td></tr></table>
<p>Every newcomer has a mentor for the first 90&nbsp;days. Lunch in the canteen is free on Wednesdays.</p>
<pre>wifi:  HP-Staff
guest: HP-Guest</pre>
</body></html>
"""

HOURS = """Place,Weekdays,Saturday,Note
Showroom Bergen,10:00-18:00,10:00-16:00,"closed on public holidays, except 17 May"
Showroom Lyon,09:30-19:00,10:00-18:00,coffee bar from 14:00
Warehouse,06:00-22:00,closed,deliveries at gate 7 only
"""

SUPPLIERS = (
    "Supplier\tMaterial\tLead time\tContact\n"
    "Nordahl Sawmill\toak and ash boards\t21 days\torders by fax only\n"
    "Lumen Textiles\twool upholstery\t35 days\tminimum order 60 metres\n"
    "Ferro Cast\tcast iron legs\t14 days\tfree samples on request\n"
)

PRINTER = """{
  "device": "label printer LP-20",
  "room": "packing hall",
  "faults": [
    {"light": "blinking amber", "cause": "the ribbon is used up", "remedy": "insert ribbon type R-118"},
    {"light": "steady red", "cause": "the print head is hot", "remedy": "let it cool down for fifteen minutes"}
  ]
}
"""

TARIFFS = """<?xml version="1.0" encoding="UTF-8"?>
<tariffs valid-from="2026-01-01">
  <zone name="Nordics" days="3"><price currency="EUR">49</price></zone>
  <zone name="Western Europe" days="6"><price currency="EUR">89</price></zone>
  <remark>Islands without a bridge cost an additional 35 euros per delivery.</remark>
</tariffs>
"""

TRAVEL = """Travel on business

Book trains in second class; first class is allowed on journeys of more than four hours. The allowance for meals
is €38 a day \u2013 €52 in Zürich and Genève. Hotels may cost up to €140 a night; “special fares” need the approval
of the finance lead. Private cars are paid at 30 cents per kilometre.
"""

PASSWORDS = """Information security

Passphrases have at least sixteen characters and are changed only after an incident.\r
Report a lost telephone within one hour to security@harbour-pine.example, also at night.\r
Visitors\u2019 computers use the guest network HP-Guest; its key changes every Monday.\r
Δεν μοιράζουμε κωδικούς: never share a code.\r
"""

PARKING = """Parking and bicycles

The yard has twelve places for cars. Places 1 to 4 are for visitors, places 11 and 12 have chargers for electric
cars; nobody charges longer than three hours. Bicycles stand in the shed behind the paint shop, whose door code
is given out by Reception.
"""

KITCHEN = """Kitchen rota\r\n\r\nWhoever takes the last coffee cleans the machine: press
both buttons for five seconds to start the rinsing programme.\r\n\r
The dishwasher runs at 16:30. Food without a name is thrown away on Friday afternoon.\r\n"""

FIRE = """Verhalten im Brandfall

Sammelplatz ist der Parkplatz vor Tor 7. Aufzüge dürfen nicht benutzt werden. Die Ersthelferin ist Frau Dr. Möller,
Durchwahl 4471. Feuerlöscher hängen in jedem Flur neben der Treppe und werden alle zwei Jahre geprüft.
"""

JAPAN = """# 東京ショールーム

ショールームは青山にあります。営業時間は午前十一時から午後七時までです。定休日は火曜日です。
予約は三日前までにお願いします。
"""

HEATING = """.TH HEATING 7 2026-10-01 "Harbour & Pine"
.SH Heating in the winter months
.PP
The boiler in the east wing starts at five in the morning and stops at eight in the evening. Rooms are heated
to twenty degrees; the paint shop is kept at twenty-three degrees, as varnish does not dry below that.
.PP
Radiators are bled in October by the caretaker, who can be reached on extension 4488. Portable heaters are
forbidden everywhere, because the fuses of the old building cannot bear them.
.PP
If a room stays cold for more than two days, write to facilities and name the number on the radiator.
"""

_HANDBOOK = [
    (
        "Working hours",
        "The week has 37.5 hours. Core time, when everyone can be reached, is from ten to three. Overtime is taken "
        "as time off before the end of the following quarter; it is paid out only with the consent of the director.",
    ),
    (
        "Probation and notice",
        "Probation lasts four months. During it either side may end the contract with two weeks' notice, and "
        "afterwards with three months to the end of a quarter.",
    ),
    (
        "Remote work",
        "Office staff may work from home on up to two days a week. Work from abroad is possible for twenty days a "
        "year within the European Union, after the payroll team has been told a month ahead.",
    ),
    (
        "Training",
        "Every employee has a training budget of 1,200 euros a year. What is not used lapses in December. Courses in "
        "welding and forklift driving are not counted against it.",
    ),
    (
        "Staff discount",
        "After the probation staff buy furniture from the current catalogue with a discount of 30 percent, twice a "
        "year and for their own homes. Pieces from the outlet are excluded.",
    ),
]
_BREAK = '<div style="break-after: page"></div>'
_HANDBOOK_HTML = _BREAK.join(f"<h1>{title}</h1><p>{text}</p>" for title, text in _HANDBOOK)

_LEFT = (
    "The new varnish, a water-based one from Ferro Cast's sister company, needs only ninety minutes until it is "
    "dry to the touch. The old one took a whole night. The night shift in the paint shop ends in April for this "
    "reason, and its four people move to final assembly. "
) * 2
_RIGHT = (
    "Our chair Fjord has won the silver medal of the design fair in Malmo. The jury praised the backrest, "
    "which is bent from a single ash board with steam. Orders for it have doubled since, so its delivery time is "
    "now eleven weeks. "
) * 2
_COLUMNS = f"""<h1>House news, March</h1><div style="columns: 2; column-gap: 12mm; column-fill: auto; height: 110mm">
<h2>A faster varnish</h2><p>{_LEFT}</p><h2 style="break-before: column">Silver for Fjord</h2><p>{_RIGHT}</p></div>"""

_PRICES = """<h1>Price list</h1><table border="1"><tr><th>Article</th><th>Wood</th><th>Price</th></tr>
<tr><td>Table Skagen, 180 cm</td><td>oak</td><td>1,490 euros</td></tr>
<tr><td>Table Skagen, 220 cm</td><td>oak</td><td>1,780 euros</td></tr>
<tr><td>Chair Fjord</td><td>ash</td><td>365 euros</td></tr>
<tr><td>Shelf Tind</td><td>pine</td><td>240 euros</td></tr></table>
<p>Prices hold until the end of August and contain the value-added tax of 25 percent.</p>"""


def _page(title: str, body: str) -> str:
    style = "body { font: 12pt 'DejaVu Serif', serif } @page { size: A4; margin: 20mm }"
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{style}</style>{body}"


PRINTED = {
    "handbook.pdf": _page("Employee handbook", _HANDBOOK_HTML),
    "news-two-columns.pdf": _page("House news", _COLUMNS),
    "price-list.pdf": _page("Price list", _PRICES),
}

WORKSHOP = [
    "Workshop rules\n\nSafety glasses are worn at all machines. The first aid box hangs beside the office door; the "
    "defibrillator is on the first floor. Efficient dust extraction is switched on before the saw.",
    "Chemicals\n\nFlammable fluids are kept in the red cabinet, whose key is with the shift leader. Oily cloths go "
    "into the metal bin with the lid, as they can catch fire by themselves.",
]

MINUTES = [
    ["Minutes of the works council, 9 February",
     "The council agreed to a trial of the four-day week in final assembly.",
     "It begins on 1 June and lasts six months."],
    ["Any other business", "The summer party is on 21 August at the lake. Partners are invited, dogs are not.",
     "The next meeting is on 12 April."],
]  # fmt: skip

PAYROLL = [["Payroll calendar", "Salaries are paid on the 27th of each month, in December on the 20th."]]

LEAVE = [
    "Everybody has 28 days of paid leave a year. Up to five days may be carried over and must be taken by the end of "
    "March.",
    "Parental leave is granted for sixteen weeks on full pay, to each parent.",
    "A note from a doctor is needed from the fourth day of an illness.",
]
LEAVE_ITEMS = ["Two days for a wedding", "One day for moving house", "Three days for a death in the family"]
LEAVE_TABLE = [("Years of service", "Additional days"), ("Ten", "2"), ("Twenty", "4")]

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def _p(text: str) -> str:
    return f"<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


EXPENSES = {
    "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
    "word/document.xml": f"<?xml version='1.0' encoding='UTF-8'?><w:document {_W} {_MC}><w:body>"
    + _p("Expenses are claimed in the portal within sixty days; receipts are photographed, not posted.")
    + "<w:p><w:r><w:t>Claims above </w:t></w:r><w:del><w:r><w:delText>900</w:delText></w:r></w:del>"
    "<w:r><w:t>500 euros</w:t><w:br/><w:t>are signed by the head of finance.</w:t></w:r></w:p>"
    f"<mc:AlternateContent><mc:Choice>{_p('Alcohol is never paid for.')}</mc:Choice>"
    f"<mc:Fallback>{_p('Alcohol is never paid for.')}</mc:Fallback></mc:AlternateContent></w:body></w:document>",
    "word/footnotes.xml": f"<w:footnotes {_W}>{_p('Tips count up to ten percent.')}</w:footnotes>",
}

TOOLS = [
    ["Tool", "Place", "Number", "Next inspection"],
    ["Band saw BS-4", "hall A", 2, "2027-03-01"],
    ["Steam box", "hall C", 1, "2026-11-15"],
    ["Torque wrench", "assembly", 14, "calibrated each spring"],
]
VANS = [["Plate", "Driver", "Payload in kg"], ["HP 204", "delivery team north", 1150], ["HP 311", "spare", 900]]

SLIDES = [
    ("Safety first", ["Evacuation drills are held every May and November", "Ear protection above 85 decibels"]),
    ("Tools you will use", ["Tickets are written in Larch", "The intranet is called Knot"]),
]

PLAIN = {
    "returns.md": (RETURNS, "utf-8"),
    "welcome.html": (WELCOME, "utf-8"),
    "opening-hours.csv": (HOURS, "utf-8"),
    "suppliers.tsv": (SUPPLIERS, "utf-8"),
    "label-printer.json": (PRINTER, "utf-8"),
    "delivery-tariffs.xml": (TARIFFS, "utf-8"),
    "travel-cp1252.txt": (TRAVEL, "cp1252"),
    "security-utf16.txt": (PASSWORDS, "utf-16"),
    "parking-utf16be.txt": (PARKING, "utf-16-be"),
    "kitchen-bom.txt": (KITCHEN, "utf-8-sig"),
    "brandfall-latin1.html": (
        f'<html><head><meta http-equiv="content-type" content="text/html; charset=iso-8859-1"></head><body><p>{FIRE}',
        "latin-1",
    ),
    "tokyo-shift-jis.html": (f'<html><head><meta charset="shift_jis"></head><body><p>{JAPAN}</p></body>', "shift_jis"),
}
