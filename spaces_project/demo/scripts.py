"""What the invented people say: per team, exchanges of a question, an answer and the source it cites."""

from __future__ import annotations

from typing import NamedTuple


class Exchange(NamedTuple):
    """A question, its answer in Markdown (``<sup>1</sup>`` cites the source), and the source's name and words."""

    question: str
    answer: str
    source: str = ""
    quote: str = ""


SCRIPTS: dict[str, tuple[Exchange, ...]] = {
    "support": (
        Exchange(
            "Our oak dining table has split along the joint on one end. We bought it two years ago. Is that covered?",
            "Yes. Solid-wood tables carry a **five-year structural warranty** <sup>1</sup>, and a joint that opens "
            "counts as a structural fault, not as wear.\n\nTo open a claim, please have ready:\n\n"
            "1. the order number or the receipt\n2. two photos: the whole table, and the joint from close by\n"
            "3. the article code printed under the table top",
            "Warranty terms.pdf",
            "Solid-wood tables, benches and bed frames: five years on structure, counted from the delivery date.",
        ),
        Exchange(
            "I was charged twice for the same order this month.",
            "I see two entries, but only one of them is booked. The other is a reservation of the bank and goes away "
            "by itself within five working days <sup>1</sup>. If it is still there after that, answer here and a "
            "colleague refunds it the same day.",
            "Billing handbook.md",
            "A reservation is released after at most five working days. It is not a charge.",
        ),
        Exchange(
            "The parcel says delivered but nothing is here.",
            "Sorry about that. Please look with the neighbours and at the drop-off place on the card first. If it does "
            "not turn up by tomorrow evening we start a search with the carrier and **send a replacement at once** "
            "<sup>1</sup>; you do not have to wait for the result.",
            "Delivery problems.docx",
            "A replacement is sent when the search starts, not when it ends.",
        ),
        Exchange(
            "How do I send something back that I bought in the shop?",
            "Either way works:\n\n- bring it to any shop within **30 days**, with the receipt\n"
            "- print a label in your account under *Orders* and hand the parcel in\n\n"
            "Opened goods are fine as long as nothing is missing.",
        ),
        Exchange(
            "I no longer get the code for signing in, I have a new phone number.",
            "Then we confirm who you are another way. Open the link that I have just sent to your e-mail address; it "
            "is good for one hour <sup>1</sup>. After that you can enter the new number under *Profile, Security*.",
            "Account recovery.md",
            "The recovery link works once and for one hour.",
        ),
        Exchange(
            "Does floor heating change anything about the warranty?",
            "Not by itself. The terms ask that the room stays between **40 and 60 % humidity** and the floor below "
            "27 °C <sup>1</sup>.\n\n> Damage from lasting dryness below 30 % humidity is not a structural fault.",
            "Care guide, solid wood.md",
            "Keep rooms between 40 and 60 percent relative humidity. Floor heating: at most 27 °C at the surface.",
        ),
    ),
    "sales": (
        Exchange(
            "What does it cost for 40 people if we start in the middle of the quarter?",
            "You pay from the day you start. For 40 people that is the *team* price:\n\n"
            "| | per person and month |\n|---|---:|\n| monthly | 14.00 |\n| yearly | 11.50 |\n\n"
            "The first invoice covers the rest of the quarter <sup>1</sup>.",
            "Price list.xlsx",
            "Invoices are pro rata from the first day of use.",
        ),
        Exchange(
            "Can we try it with real data before the tender closes?",
            "Yes, a pilot runs **six weeks** with up to 25 people. Your data stays yours and is deleted on the last "
            "day unless you sign <sup>1</sup>.",
            "Pilot agreement.pdf",
            "At the end of the pilot all data is deleted within 24 hours.",
        ),
        Exchange(
            "Our contract ends in March. What do we have to do if we want to keep the price?",
            "Confirm in writing by the end of January. Without a word it renews at the list price of that day "
            "<sup>1</sup>. Shall I prepare the confirmation?",
            "Renewals.md",
            "Renewals confirmed sixty days before the end keep their price.",
        ),
        Exchange(
            "Do you have a customer of our size in logistics we could talk to?",
            "I may name two who agreed to be called. Tell me which day suits you and I set up a call of 20 minutes.",
        ),
    ),
    "hr": (
        Exchange(
            "How many days of leave can I take into next year?",
            "Five, until the end of March <sup>1</sup>. Anything above that lapses, unless your manager has "
            "postponed it in writing.",
            "Leave policy.pdf",
            "Up to five days are carried over and must be taken by 31 March.",
        ),
        Exchange(
            "When do I get the first salary if I start on the 20th?",
            "With the run of the following month, together with the days of this one <sup>1</sup>.",
            "Payroll calendar.md",
            "Starts after the 15th are paid with the next month's run.",
        ),
        Exchange(
            "Is the train ticket for the offsite paid if I stay over the weekend?",
            "Yes, as long as the ticket is not dearer than one for the Friday. Keep both offers with the claim.",
        ),
    ),
    "it": (
        Exchange(
            "The VPN drops every few minutes when I work from home.",
            "That is nearly always the power saving of the wireless card. Please try this:\n\n"
            "1. open *Network, Adapter*\n2. untick *Allow the computer to turn off this device*\n"
            "3. connect again\n\nIf it still drops, run `netcheck --report` and paste what it prints <sup>1</sup>.",
            "VPN help.md",
            "Most drops come from power saving. Ask for the report of netcheck before escalating.",
        ),
        Exchange(
            "I need access to the finance share for the audit.",
            "The owner of that share has to say yes. I have asked; you get a mail as soon as it is granted, "
            "normally within a working day.",
        ),
        Exchange(
            "Which laptop can I order? Mine is four years old.",
            "After four years you may choose from the *standard* list: the 13-inch, the 15-inch or the workstation "
            "if your manager agrees <sup>1</sup>.",
            "Software and hardware catalogue.xlsx",
            "Replacement after 48 months. Workstations need the manager's approval.",
        ),
    ),
    "legal": (
        Exchange(
            "A customer wants everything deleted that we have about him. How long do we have?",
            "**One month** from the day the request arrived. What the law makes us keep, such as invoices, is locked "
            "instead of deleted <sup>1</sup>.",
            "Privacy requests.docx",
            "Answer within one month. Records under retention duties are restricted, not erased.",
        ),
        Exchange(
            "May we sign the supplier's own terms?",
            "Only below 10,000 a year. Above that the review takes three working days; please send the draft as a "
            "document that can be edited.",
        ),
    ),
}
THANKS = (
    "Thank you, that helps.",
    "Great, thanks!",
    "Perfect.",
    "OK, I will try that.",
    "Thanks for the quick answer.",
)
WELCOME = ("You are welcome. Is there anything else?", "Glad to help.", "Any time. I leave this chat open for a day.")
FAILURES = (
    "The language model is not reachable. Please try again later.",
    "The language model is too busy. Please try again in a minute.",
)
