"""Which addresses of the network are everybody's: nothing inside a house may be reached for a stranger."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# RFC 6052, 2.1: what follows these 96 bits is an IPv4 address behind a translator.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_public_address(text: str) -> bool:
    """Tell whether an address is reachable by everybody, whatever IPv4 address hides inside it."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    hidden = _hidden(address)
    if hidden is not None:
        return hidden.is_global and not hidden.is_multicast
    return address.is_global and not address.is_multicast and address.teredo is None


def _hidden(address: IPv6Address) -> IPv4Address | None:
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
