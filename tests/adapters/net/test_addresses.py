"""Which addresses may be called, and how a web address may be spelled."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.net import addresses
from bot.errors import BadInput, VigieError

INSIDE = """
    127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10
    0.0.0.0/8 224.0.0.0/4 240.0.0.0/4 198.18.0.0/15 192.0.0.0/24
    ::1/128 ::/96 ::ffff:0:0/96 fc00::/7 fe80::/10 fec0::/10 ff00::/8
    64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32 2001:db8::/32 100::/64
""".split()
networks = st.sampled_from([ipaddress.ip_network(text) for text in INSIDE])


@st.composite
def inside(draw: st.DrawFn) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    network = draw(networks)
    return network[draw(st.integers(0, network.num_addresses - 1))]


@given(inside())
def test_no_address_inside_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """SAFETY 86: private, loopback, link-local, metadata, mapped and NAT64 addresses are refused."""
    assert not addresses.public(address)


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_what_is_public_is_global(address: ipaddress.IPv4Address) -> None:
    assert not addresses.public(address) or address.is_global


@given(st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address))
def test_what_is_public_is_global_in_version_six_too(address: ipaddress.IPv6Address) -> None:
    assert not addresses.public(address) or (address.is_global and address.ipv4_mapped is None)


@pytest.mark.parametrize("text", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_the_internet_is_public(text: str) -> None:
    assert addresses.public(ipaddress.ip_address(text))


@given(
    inside(),
    st.lists(st.sampled_from(["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111"]), max_size=4),
    st.randoms(),
)
def test_one_record_inside_refuses_all(
    bad: ipaddress.IPv4Address | ipaddress.IPv6Address, good: list[str], random: object
) -> None:
    """SAFETY 86: refused for every record that is returned, wherever it stands among the others."""
    records = [*good, str(bad)]
    assert hasattr(random, "shuffle")
    random.shuffle(records)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    with pytest.raises(BadInput):
        addresses.checked("example.com", records)


@given(inside().filter(lambda address: address.version == 4))
def test_every_spelling_of_an_address_inside_is_refused(address: ipaddress.IPv4Address) -> None:
    """SAFETY 86: decimal, octal and hexadecimal hosts mean the same address and are refused as that."""
    number = int(address)
    a, b, c, d = address.packed
    spellings = [
        *(str(address), f"{address}.", str(number), hex(number), f"0{number:o}", f"{a}.{b}.{c * 256 + d}"),
        *(f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{number & 0xFFFFFF}"),
        *(f"[::ffff:{address}]", f"[64:ff9b::{address}]", f"[::{address}]"),
    ]
    for spelling in spellings:
        with pytest.raises(BadInput):
            addresses.read(f"http://{spelling}/")


@pytest.mark.parametrize(
    "text",
    [
        *("file:///etc/passwd", "gopher://example.com/", "unix:/run/docker.sock", "ftp://example.com/", "//a.com/"),
        *("http+unix://%2Frun%2Fdocker.sock/", "javascript:alert(1)", "data:,x", "http:example.com", "", "example.com"),
        *("http://user@example.com/", "http://user:pass@example.com/", "http://example.com@127.0.0.1/"),
        *("http://example.com\\@127.0.0.1/", "http://example.com\r\nX: y/", "http://example.com/\r\nX: y"),
        *("http://example.com/\x00", "http://example.com/a b", "http:// example.com/", "http://%6c%6fcalhost/"),
        *("http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://a.localhost/", "http://db/"),
        *("http://metadata.google.internal/", "http://instance-data/", "http://printer.local/", "http://1/"),
        *("http://127.1/", "http://0/", "http://0x/", "http://[::]/", "http://[::1]/", "http://[fe80::1%25eth0]/"),
        *("http://example.com:0/", "http://example.com:99999/", "http://example.com:a/", "http://[::1/"),
        *("http://１２７.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://-a.com/", "http://a..com/", "http:///x"),
        *("http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://[fd00:ec2::254]/"),
        *("http://168.63.129.16/", "http://" + "a" * 64 + ".com/", "https://example.com/" + "a" * 5000),
    ],
)  # fmt: skip
def test_what_is_no_plain_public_web_address_is_refused(text: str) -> None:
    """SAFETY 86, 88: other schemes, names in front of the host, line breaks, and every name of a machine inside."""
    with pytest.raises(BadInput) as refusal:
        addresses.read(text)
    assert refusal.value.field == "url"


@given(
    st.text(max_size=60),
    st.sampled_from(["", "http://", "https://", "http://example.com/", "http://[", "http://a@"]),
)
def test_any_text_is_an_address_or_a_refusal(text: str, before: str) -> None:
    """SAFETY 88: nothing else escapes, and what passes is http to a host without a name before it."""
    try:
        url = addresses.read(before + text)
    except VigieError:
        return
    found = addresses.target(url)
    assert url.scheme in ("http", "https")
    assert not url.userinfo
    assert found.host.isascii()
    assert not set("\r\n\t @\\%/") & set(found.host)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://example.com/a?b=c#d", "https://example.com"),
        ("HTTP://Example.COM:8080/", "http://example.com:8080"),
        ("https://münchen.de/", "https://xn--mnchen-3ya.de"),
        ("https://example.com:443/", "https://example.com"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]"),
        ("https://93.184.215.14/", "https://93.184.215.14"),
    ],
)
def test_where_an_address_leads(text: str, origin: str) -> None:
    assert addresses.target(addresses.read(text)).origin == origin
    assert "#" not in str(addresses.read(text))


def test_the_resolver_here_would_have_taken_the_numbers() -> None:
    """The refusals above are not academic: this machine's own resolver reads them as loopback."""
    for text in ("2130706433", "0x7f.1", "127.1"):
        assert socket.gethostbyname(text) == "127.0.0.1"
