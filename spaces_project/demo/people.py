"""Invented people and spaces that look like a company's.

Addresses are at example.com and telephone numbers in the range 555-01xx, which belong to nobody.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from spaces.models import Account

DAYS = 90


def _words(text: str, between: str = " ") -> tuple[str, ...]:
    return tuple(text.split(between))


FIRST_NAMES = _words(
    "Amara Anders Beatriz Carlos Chiara Daniel Deniz Elif Emeka Esther Farah Felix Grace Hana Hugo Ines Ivan Jonas "
    "Julia Kaito Karim Leila Linh Lucas Maja Marta Mateo Mei Nadia Noah Olga Omar Paula Priya Rafael Rosa Samir Sofia "
    "Tariq Teresa Tomas Uma Viktor Wanjiru Yara Yusuf Zoe"
)
LAST_NAMES = _words(
    "Abbott Adeyemi Almeida Andersson Bauer Bianchi Castillo Chen Costa Demir Diallo Dubois Eriksen Farouk Fischer "
    "Garcia Haddad Hansen Ito Jansen Kaya Keller Khan Kowalski Larsen Lopez Martin Mbeki Meyer Mori Nakamura Novak "
    "Okafor Ortiz Patel Petrov Quinn Reyes Rossi Sato Schmidt Silva Singh Sorensen Tanaka Torres Vargas Weber Yilmaz "
    "Zhang"
)
COMPANIES = _words(
    "Alder & Finch|Bluepeak Logistics|Cedar Street Clinics|Dunmore Foods|Eastgate Hotels|Fernwood Energy|"
    "Granite Mutual|Harborline Freight|Ironbridge Tools|Juniper Learning|Kestrel Air|Larkspur Media|Meridian Labs|"
    "Northfield Dairy|Oakhaven Homes|Pinecrest Outdoors|Quarry Road Builders|Redwater Utilities|Silverbirch Bank|"
    "Thornbury Motors|Upland Textiles|Vesper Telecom|Westmoor Pharma|Yellowstone Print",
    "|",
)
REGIONS = ("emea", "amer", "apac")
TIERS = ("standard", "gold", "platinum")
CHANNELS = ("web", "email", "phone", "chat", "partner")
LOCALES = ("en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "ja-JP")
PRIORITIES = ("low", "normal", "normal", "normal", "high", "urgent")
PREFERENCES = ("", "", "Prefers e-mail to calls.", "Wants short answers.", "Replies in the afternoon.", "No marketing.")

# Team -> (share of the spaces, what its spaces are about)
TEAMS: dict[str, tuple[int, tuple[str, ...]]] = {
    "support": (
        45,
        (
            "Billing questions",
            "Delivery problems",
            "Returns and refunds",
            "Account recovery",
            "Outage updates",
            "Warranty claims",
        ),
    ),
    "sales": (30, ("Renewal", "Product tour", "Pricing request", "Pilot project", "Tender answers", "Onboarding")),
    "hr": (10, ("Leave and holidays", "Benefits desk", "New starters", "Payroll questions", "Travel policy")),
    "it": (10, ("Laptop help", "Access requests", "VPN help", "Software catalogue")),
    "legal": (5, ("Contract review", "Privacy requests", "Supplier checks")),
}
OUTSIDE = ("support", "sales")  # these teams talk with customers, the others with colleagues


class Demo:
    """The rows of one seed for one account, as dictionaries of column values."""

    def __init__(self, account: Account, owners: list[UUID], seed: int) -> None:
        self.account, self.owners = account, owners
        self.random = random.Random(seed)  # noqa: S311 (not a secret)
        # Two accounts get the same rows with ids of their own.
        self.id_bits = random.Random(f"{seed} {account.pk}")  # noqa: S311
        self.now = datetime.now(UTC).replace(microsecond=0)

    def contacts(self, count: int) -> Iterator[dict[str, Any]]:
        """`count` contacts, oldest first."""
        for when in self.times(count):
            yield self._contact(when)

    def spaces(self, count: int, contacts: list[UUID]) -> Iterator[dict[str, Any]]:
        """`count` spaces, oldest first; some belong to one of `contacts`."""
        teams, shares = list(TEAMS), [share for share, _ in TEAMS.values()]
        for number, when in enumerate(self.times(count), 1):
            (team,) = self.random.choices(teams, shares)
            yield self._space(number, when, team, contacts)

    def times(self, count: int) -> list[datetime]:
        """That many moments of the last DAYS days, oldest first."""
        span = DAYS * 24 * 3600
        return sorted(self.now - timedelta(seconds=self.random.randrange(span)) for _ in range(count))

    def new_id(self, when: datetime) -> UUID:
        """A UUIDv7 of that moment."""
        number = int(when.timestamp() * 1000) << 80 | self.id_bits.getrandbits(80)
        return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)

    def common(self, when: datetime) -> dict[str, Any]:
        """The columns that all objects of the account have."""
        owner = self.random.choice(self.owners)
        changed = min(self.now, when + timedelta(minutes=self.random.randrange(1, 20_000)))
        return {
            "id": self.new_id(when),
            "account_id": self.account.pk,
            "created_at": when,
            "updated_at": changed if self.random.random() < 0.4 else when,
            "created_by": owner,
            "updated_by": owner,
        }

    def _contact(self, when: datetime) -> dict[str, Any]:
        pick = self.random.choice
        first, last = pick(FIRST_NAMES), pick(LAST_NAMES)
        return {
            **self.common(when),
            "name": f"{first} {last}",
            "nick": first if self.random.random() < 0.3 else "",
            "email": f"{first}.{last}{self.random.randrange(1, 1000)}@example.com".lower(),
            "phone": f"+1{pick((212, 312, 415, 503, 617, 713))}55501{self.random.randrange(100):02}",
            "fingerprint": f"demo-{self.random.getrandbits(64):016x}",
            "preferences": pick(PREFERENCES),
            "verified_at": when if self.random.random() < 0.6 else None,
            "meta": {"company": pick(COMPANIES), "locale": pick(LOCALES), "channel": pick(CHANNELS)},
        }

    def _space(self, number: int, when: datetime, team: str, contacts: list[UUID]) -> dict[str, Any]:
        pick = self.random.choice
        topic, company, common = pick(TEAMS[team][1]), pick(COMPANIES), self.common(when)
        with_customer = team in OUTSIDE
        return {
            **common,
            "owner_id": common["created_by"],
            "contact_id": pick(contacts) if contacts and with_customer and self.random.random() < 0.8 else None,
            "name": f"{topic}, {company}" if with_customer else f"{topic}, {pick(REGIONS).upper()} {number}",
            "description": _description(team, topic, company),
            "alias": f"{team}-{self.random.getrandbits(40):010x}" if self.random.random() < 0.2 else None,
            "labels": {"team": team, "region": pick(REGIONS), **({"tier": pick(TIERS)} if with_customer else {})},
            "meta": {
                "reference": f"{team[:2].upper()}-{10_000 + number}",
                "priority": pick(PRIORITIES),
                "channel": pick(CHANNELS),
                "locale": pick(LOCALES),
            },
            "is_archived": self.random.random() < 0.08,
        }


def _description(team: str, topic: str, company: str) -> str:
    if team in OUTSIDE:
        return f"{topic} for {company}: answers from the handbook, hands over to the {team} team when unsure."
    return f"{topic} for colleagues, kept by the {team} team."
