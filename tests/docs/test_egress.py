"""docs/egress.md names the closed ports and the addresses that no setting opens."""

from __future__ import annotations

import re

from spaces_project.kit.egress.addresses import NEVER
from spaces_project.kit.egress.targets import CLOSED_PORTS
from tests.docs.test_docs import page

TEXT = page("egress.md")


def paragraph(title: str) -> str:
    return TEXT.split(f"**{title}.**")[1].split("\n\n")[0]


def test_the_page_names_the_closed_ports() -> None:
    said = paragraph("Ports").split("request:")[1]
    assert {int(port) for port in re.findall(r"\d+", said)} == CLOSED_PORTS


def test_the_page_names_what_no_setting_opens() -> None:
    said = paragraph("Servers of your own").split("Some addresses")[1]
    named = {str(net).removesuffix("/32").removesuffix("/128") for net in NEVER if not net.is_multicast}
    assert {name for name in named if name != "255.255.255.255" and name not in said} == set()
