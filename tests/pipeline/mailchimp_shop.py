"""A shop whose marketing platform is Mailchimp: most of what a pair does shows there."""

from __future__ import annotations

from collections.abc import Iterable

import requests

from retail_sync.pairs.config import Pair
from retail_sync.steps.context import Road
from tests.oracle.terms import Json

from .shop import Shop

PAIR = "centra_to_mailchimp"


class MailchimpShop(Shop):
    """A shop, its Mailchimp audience, and the pair between them."""

    def _pair(self) -> Pair:
        """The system's pair, with the audience that the sandbox has."""
        content = super()._pair().model_dump(mode="json", by_alias=True)
        (content["destination"]["settings"]["audience"],) = self.destination.state()["lists"]
        return Pair.model_validate(content)

    def second_brand(self, fields: Json) -> Road:
        """Another pair that feeds the same audience from a store of its own, and fills only these fields."""
        content = self.road.pair.model_dump(mode="json", by_alias=True)
        settings = {**content["destination"]["settings"], "store": "second-store"}
        changes = {"pair": "second_brand", "mapping": {"fields": fields}}
        return self._open(
            Pair.model_validate({**content, **changes, "destination": {**content["destination"], "settings": settings}})
        )

    def member(self, email: str) -> Json:
        """A contact of the audience, as its books show it."""
        (audience,) = self.destination.state()["lists"].values()
        found: list[Json] = [one for one in audience["members"] if one["email_address"].lower() == email.lower()]
        assert len(found) == 1, f"{len(found)} contacts of {email}"
        return found[0]

    def emails(self) -> set[str]:
        """The addresses of all contacts."""
        (audience,) = self.destination.state()["lists"].values()
        return {one["email_address"] for one in audience["members"]}

    def store(self) -> Json:
        """The store of the marketing platform, as its books show it."""
        (store,) = self.destination.state()["stores"].values()
        found: Json = store
        return found

    def order(self, number: int) -> Json:
        """An order of the store."""
        found: Json = self.store()["orders"][str(number)]
        return found

    def mails(self, number: int) -> list[str]:
        """The kinds of the mails that went out about an order."""
        sent: Iterable[Json] = self.destination.state()["mails"]
        return [mail["kind"] for mail in sent if mail.get("order_id") == str(number)]

    def say(self, method: str, path: str, body: Json | None = None) -> Json:
        """Speak to the marketing platform's own API, as some other program of the account would."""
        key = self._connections[self.road.pair.destination.connection]["password"]
        url = f"{self.destination.url}/3.0{path.format(**self._places())}"
        answer = requests.request(method, url, json=body, auth=("test", key), timeout=30)
        assert answer.ok, answer.text
        content: Json = answer.json() if answer.content else {}
        return content

    def _places(self) -> dict[str, str]:
        settings = self.road.pair.destination.settings
        return {"list": f"/lists/{settings['audience']}", "store": f"/ecommerce/stores/{settings['store']}"}
