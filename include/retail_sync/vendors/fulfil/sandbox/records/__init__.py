"""What the merchant's database keeps, a class for each model.

Relations are ids, times are naive and in UTC as the vendor's are. Fields that no API shows say so; they are what a
row's amounts are made of.
"""

from retail_sync.vendors.fulfil.sandbox.records.fulfilment import Move, Shipment, Tracking
from retail_sync.vendors.fulfil.sandbox.records.goods import Attribute, Media, Product, Template
from retail_sync.vendors.fulfil.sandbox.records.hooks import Webhook
from retail_sync.vendors.fulfil.sandbox.records.money import Currency, Invoice, InvoiceLine, Payment, Tax, Transaction
from retail_sync.vendors.fulfil.sandbox.records.parties import Address, Mechanism, Metafield, Party
from retail_sync.vendors.fulfil.sandbox.records.record import Named, Record
from retail_sync.vendors.fulfil.sandbox.records.sales import Channel, ChannelException, Line, Sale

__all__ = [
    "Address",
    "Attribute",
    "Channel",
    "ChannelException",
    "Currency",
    "Invoice",
    "InvoiceLine",
    "Line",
    "Mechanism",
    "Media",
    "Metafield",
    "Move",
    "Named",
    "Party",
    "Payment",
    "Product",
    "Record",
    "Sale",
    "Shipment",
    "Tax",
    "Template",
    "Tracking",
    "Transaction",
    "Webhook",
]
