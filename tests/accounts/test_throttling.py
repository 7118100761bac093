"""Where a login comes from"""

import pytest
from django.test import RequestFactory

from accounts.throttling import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1, 198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.1, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.1"),
        (1, "nonsense", None),
    ],
)
def test_only_what_trusted_proxies_saw_counts(proxies, forwarded, address, settings):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": forwarded}
    )

    assert client_address(request) == address


def test_a_peer_on_a_socket_has_no_address():
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None
