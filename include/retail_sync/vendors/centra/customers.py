"""Centra's customers as canonical customers."""

from __future__ import annotations

from retail_sync.model.records import Customer
from retail_sync.vendors.centra.canonical import address, attributes, to_utc
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.shop_payloads import CustomerNode


class Customers:
    """Turns customer nodes into canonical customers.

    One e-mail may stand on two customers, a registered one and a guest, and they can't be merged (CONFIRMED). A flag
    that the schema does not have, or that is null, leaves consent unsaid.
    """

    def __init__(self, settings: Settings) -> None:
        self._utc = to_utc(settings.timezone)

    def key(self, node: CustomerNode) -> str:
        """The customer's id; an e-mail address is no key in Centra."""
        return str(node.id)

    def record(self, node: CustomerNode) -> Customer:
        """The canonical customer."""
        home = address(node.billing_address)
        return Customer(
            key=str(node.id),
            email=node.email,
            created_at=self._utc(node.created_at),
            updated_at=self._utc(node.updated_at),
            registered=node.registered is not False,
            opted_in=node.newsletter,
            first_name=node.first_name or (home.first_name if home else None),
            last_name=node.last_name or (home.last_name if home else None),
            phone=node.phone_number or node.cell_phone_number or (home.phone if home else None),
            birthdate=node.birthdate,
            address=home,
            market=node.market.name if node.market else None,
            anonymised=node.anonymised,
            attributes={name: value for name, _, value in attributes(node.attributes)},
        )
