"""Which addresses and URLs the door opens to: by default the public internet over https, and nothing else."""

from __future__ import annotations

import ipaddress

import pytest
from environs import EnvError
from hypothesis import given
from hypothesis import strategies as st

from spaces_project.env import egress_allow
from spaces_project.kit.egress import Allowed, Refused
from spaces_project.kit.egress.addresses import canonical, is_never, is_public
from spaces_project.kit.egress.connection import checked
from spaces_project.kit.egress.targets import CLOSED_PORTS, parse

NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255"),
    *("169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.0.0.8", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:7f00:1"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1"),
    *("64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:0:4136:e378::1"),
    *("2001:db8::1", "3fff::1", "5f00::1", "100::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1"),
    *("fec0::1", "ff02::1", "ff0e::1", "4000::1", "2001:10::1", "2001:20::1"),
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.4.4",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_private_and_reserved_addresses_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="private or reserved"):
        checked(parse("https://evil.example/"), Allowed(), lambda host, port: [text])


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_called(text: str) -> None:
    assert checked(parse("https://good.example/"), Allowed(), lambda host, port: [text]) == [canonical(text)]


@given(st.ip_addresses())
def test_what_python_calls_special_is_never_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped
    address = mapped or address  # the door unwraps it
    special = not address.is_global or address.is_multicast or address.is_reserved or address.is_link_local
    assert not (special and is_public(canonical(str(address))))


def test_only_the_good_ones_of_several_addresses_are_called() -> None:
    answers = ["10.0.0.1", "fe80::1%eth0", "1.1.1.1", "169.254.169.254"]
    assert list(map(str, checked(parse("https://mixed.example/"), Allowed(), lambda host, port: answers))) == [
        "1.1.1.1"
    ]


def test_the_operator_opens_names_addresses_and_networks() -> None:
    allowed = Allowed.parse(["LLM.internal", " 127.0.0.1", "10.0.0.0/8", "[fd00::5]", ""])
    assert checked(parse("http://llm.internal:8000/v1"), allowed, lambda host, port: ["192.168.1.9"])
    assert checked(parse("http://10.1.2.3:11434/"), allowed)
    assert checked(parse("http://[fd00::5]:8000/"), allowed)
    assert checked(parse("http://localhost/"), allowed, lambda host, port: ["::1", "127.0.0.1"]) == [
        canonical("127.0.0.1")
    ]
    assert checked(parse("http://[::ffff:10.0.0.7]/"), allowed) == [canonical("10.0.0.7")]
    for url in ("http://127.0.0.2/", "http://other.internal/", "http://[fd00::6]/", "https://192.168.1.9/"):
        with pytest.raises(Refused):
            checked(parse(url), allowed, lambda host, port: ["192.168.1.9"])


NEVER = ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "::", "224.0.0.1", "ff02::1"]
CARRYING = ["::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::169.254.169.254", "2002:a9fe:a9fe::1"]


@pytest.mark.parametrize("text", [*NEVER, *CARRYING])
def test_no_setting_opens_metadata_or_multicast(text: str) -> None:
    everything = Allowed.parse(["0.0.0.0/0", "::/0", "metadata.internal"])
    assert is_never(canonical(text))
    for url in (f"http://[{text}]/" if ":" in text else f"http://{text}/", "http://metadata.internal/"):
        with pytest.raises(Refused):
            checked(parse(url), everything, lambda host, port: [text])


def test_the_machine_address_of_azure_is_refused_though_it_is_public() -> None:
    with pytest.raises(Refused):
        checked(parse("https://168.63.129.16/"), Allowed())


def test_plain_http_is_refused_to_the_public_internet() -> None:
    with pytest.raises(Refused, match="https"):
        checked(parse("http://good.example/"), Allowed(), lambda host, port: ["1.1.1.1"])
    assert checked(parse("http://good.example/"), Allowed.parse(["good.example"]), lambda host, port: ["1.1.1.1"])


ODD = [
    *("http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.1.1/"),
    *("http://0x7f.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://[::1%eth0]/", "http://[::1]a/"),
    *("http://user:pw@host/", "http://host@127.0.0.1/", "http://127.0.0.1\\@host/", "http://ho st/", "http://host\t/"),
    *("http://%31%32%37.0.0.1/", "http:///path", "http://", "//host/", "host", "", "ftp://host/", "file:///etc/passwd"),
    *("gopher://host/", "http://host:0/", "http://host:65536/", "http://host:abc/", "http://host:22/", "http://-a/"),
    *(
        "http://a..b/",
        "http://host:6379/",
        "http://[127.0.0.1]/",
        "http://[v1.a]/",
        "http://host:/",
        "http://[::1",
        "http://x[::1]/",
        "javascript:alert(1)",
        "http://0x/",
    ),
    *("http://ho\x00st/", "http://host\r\nx: y/", f"http://host/{'a' * 2048}", "http://" + "a" * 64 + "/"),
]


@pytest.mark.parametrize("url", ODD)
def test_odd_urls_are_refused_before_any_lookup(url: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(url)
    assert not url or url not in str(refused.value)


def test_a_url_is_read_once_and_strictly() -> None:
    target = parse("HTTPS://LLM.Example.:8443/v1?a=1#part")
    assert (target.scheme, target.host, target.port, target.path) == ("https", "llm.example", 8443, "/v1?a=1")
    assert (target.authority, parse("http://[::FFFF:1.2.3.4]/").host) == ("llm.example:8443", "1.2.3.4")
    assert (parse("http://[0:0::1]:8000").authority, parse("https://h:443").authority) == ("[::1]:8000", "h")
    assert parse("http://my_model-1:11434/v1").host == "my_model-1"


@given(st.integers(min_value=0, max_value=2**32 - 1), st.sampled_from(["{}", "{:#x}", "0{:o}", "0X{:X}"]))
def test_an_address_as_one_number_is_refused(number: int, spelling: str) -> None:
    with pytest.raises(Refused):
        parse(f"https://{spelling.format(number)}/")


def test_ports_of_other_services_are_closed() -> None:
    assert {5432, 6379, 2375} <= CLOSED_PORTS
    for port in (1, 25, 79, 81, 442, 444, 1023, *CLOSED_PORTS):
        with pytest.raises(Refused, match=f"Port {port} "):
            parse(f"https://host:{port}/")
    assert [parse(f"https://host:{port}/").port for port in (80, 443, 1024, 11434, 65535)] == [
        80,
        443,
        1024,
        11434,
        65535,
    ]


@pytest.mark.parametrize(
    "entry", ["10.0.0.5/8", "*.internal", "http://llm", "llm:8000", "10.0.0.0/33", "a b", "127.1", "ä"]
)
def test_a_wrong_setting_stops_the_start(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_EGRESS_ALLOW", f"llm.internal,{entry}")
    with pytest.raises(EnvError, match=r"SPACES_EGRESS_ALLOW: .*neither a host name"):
        egress_allow()


def test_the_setting_is_empty_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_EGRESS_ALLOW", raising=False)
    assert egress_allow() == Allowed()
