"""What contract tests of the Mailchimp destination share: a sandbox, and a destination that stands in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.sandbox.host import build, running

from .mailchimp_shop import Shop


@pytest.fixture
def url() -> Iterator[str]:
    with running(build("mailchimp")) as url:
        yield url


@pytest.fixture
def shop(url: str) -> Shop:
    return Shop(url)


@pytest.fixture
def standing(shop: Shop) -> Shop:
    shop.stand()
    return shop
