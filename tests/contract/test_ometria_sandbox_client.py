"""A client that others have written at the Ometria sandbox: unchanged, but for the address that it talks to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ometria import Client  # type: ignore[import-untyped]
from ometria.ometria import ClientError, ServerError  # type: ignore[import-untyped]

from .ometria_account import KEY, SHOP, Caller, account, contact, order, product

pytestmark = pytest.mark.req("OPS-3")


@pytest.fixture
def api() -> Iterator[Caller]:
    """An empty account."""
    with account() as caller:
        yield caller


def client(api: Caller, key: str = KEY) -> Any:
    """The client, for this account."""
    made = Client(key=key, version="2")
    made.base_url = f"{api.url}/v2/"
    return made


def test_it_pushes_and_reads_what_it_has_pushed(api: Caller) -> None:
    ometria = client(api)
    for record in (contact(), product(), order()):
        pushed = ometria.push.post(data=[record])
        assert (pushed.data["status"], pushed.data["accepted"]) == ("OK", 1)
    assert ometria.push._errors.get().data == []
    (profile,) = ometria.profiles.get(params={"email": "ann@mail.test"}).data
    assert profile["email"] == "ann@mail.test"
    assert ometria.orders("100").get().data["id"] == "100"
    assert ometria.products("p1").get().data["title"] == "Coat"
    assert ometria.contacts(SHOP)("1").get().data["customer_id"] == "1"


def test_it_sees_what_was_accepted_and_failed_afterwards(api: Caller) -> None:
    ometria = client(api)
    assert ometria.push.post(data=[order(currency="not one")]).data["accepted"] == 1
    assert len(ometria.push._errors.get().data) == 1


def test_its_errors_carry_the_status(api: Caller) -> None:
    with pytest.raises(ClientError) as refused:
        client(api, "f" * 32).orders("100").get()
    assert refused.value.status_code in {401, 403}
    with pytest.raises(ClientError) as missing:
        client(api).orders("100").get()
    assert missing.value.status_code == 404
    api.control.fault("status", endpoint="*", status=503)
    with pytest.raises(ServerError) as down:
        client(api).orders("100").get()
    assert down.value.status_code == 503
