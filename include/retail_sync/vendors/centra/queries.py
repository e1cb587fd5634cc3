"""The GraphQL documents, in our own words; the names in them are those of the notes on Centra.

`~name` marks what the live schema decides: optional selections and sort names. Every list stands under the alias
`page`, so that one reader understands all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from string import Template

from retail_sync.model.reading import Window
from retail_sync.model.records import Stream
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.schema import Schema


class _Document(Template):
    delimiter = "~"


@dataclass(frozen=True, slots=True)
class Query:
    """A document as it is sent. `root` is the field it asks for, by which a refusal is explained."""

    name: str
    root: str
    text: str


#: Selections that are asked for only where the live schema has (type, field).
_OPTIONAL: dict[str, tuple[str, str, str]] = {
    "affiliate": ("Order", "affiliate", "affiliate { name }"),
    "shipping_tax": ("OrderTotals", "shippingTaxIncluded", "shippingTaxIncluded { value }"),
    "line_collection": ("ProductOrderLine", "collection", "... on ProductOrderLine { collection { name } }"),
    "customer_market": ("Customer", "market", "market { name }"),
    "anonymised": ("Customer", "isAnonymized", "anonymised: isAnonymized"),
    "collection": ("Product", "collection", "collection { name }"),
    "brand": ("Product", "brand", "brand { name }"),
    "displays": ("Product", "displays", "displays { ...Page }"),
}

_ADDRESS = """
fragment Place on Address {
  firstName lastName companyName address1 address2 zipCode city stateOrProvince
  email phoneNumber cellPhoneNumber country { code } state { name }
}
"""
_ATTRIBUTE = """
fragment Value on Attribute {
  type { name isMapped }
  elements {
    key
    ... on AttributeStringElement { value }
    ... on AttributeChoiceElement { selectedValue selectedValueName }
  }
}
"""
_ORDER = (
    """
fragment Whole on Order {
  __typename id number status createdAt updatedAt orderDate isOnHold currencyBaseRate
  store { name type } market { name } ~affiliate paymentMethod { name }
  grandTotal { value currency { code } }
  totals { shipping { value } handling { value } taxAdded { value } taxIncluded { value } ~shipping_tax }
  discountsApplied { __typename value { value } ... on AppliedVoucher { voucher { code name } } } ~comment
  lines(includeFullyCancelled: true) {
    __typename id productName productVariantName productNumber size quantity cancelledQuantity
    unitPrice { value } unitOriginalPrice { value } lineValue { value }
    product { id } productSize { id SKU } ~line_collection
  }
  shippingAddress { ...Place }
  billingAddress { ...Place }
  paymentHistory { id createdAt status entryType value { value } }
  shipments {
    id number isShipped shippedAt trackingNumber carrierInformation { carrierName serviceName }
    lines { quantity orderLine { id } }
  }
  attributes { ...Value }
  ... on DirectToConsumerOrder { customer { id email } }
}
"""
    + _ADDRESS
    + _ATTRIBUTE
)
_ORDERS = (
    """
query Orders($where: OrderFilter!, $first: Int!, $after: String) {
  page: orderConnection(where: $where, sort: [~order_sort], first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { ...Whole } }
  }
}
"""
    + _ORDER
)
_ORDER_COUNT = """
query OrderCount($where: OrderFilter!) {
  page: orderConnection(where: $where, first: 1) { totalCount pageInfo { hasNextPage endCursor } edges { cursor } }
}
"""
_RETURNS = """
query Returns($where: ReturnFilter!, $limit: Int!, $page: Int!) {
  page: returns(where: $where, sort: [~return_sort], limit: $limit, page: $page) { ...Whole }
}
fragment Whole on Return {
  id createdAt returnStatus grandTotal { value currency { code } }
  lines { id quantity lineValue { value } orderLine { id } }
  refundPaymentHistory { id createdAt status entryType value { value } }
  ... on DirectToConsumerReturn { customer { id } order { id number } }
}
"""
_CUSTOMERS = (
    """
query Customers($where: CustomerFilter!, $limit: Int!, $page: Int!) {
  page: customers(where: $where, sort: [~customer_sort], limit: $limit, page: $page) { ...Whole }
}
fragment Whole on Customer {
  id email firstName lastName phoneNumber cellPhoneNumber createdAt updatedAt birthdate
  ~newsletter ~registered ~anonymised ~customer_market
  billingAddress { ...Place }
  attributes { ...Value }
}
"""
    + _ADDRESS
    + _ATTRIBUTE
)
_PRODUCTS = """
query Products($where: ProductFilter!, $limit: Int!, $page: Int!) {
  page: products(where: $where, sort: [~product_sort], limit: $limit, page: $page) { ...Whole }
}
fragment Whole on Product {
  id name status productNumber updatedAt ~brand ~collection ~displays
  variants {
    id name updatedAt
    productSizes { id description SKU preorder stockTotals { availableQuantity } }
  }
}
"""
_SIGNUPS = """
query Signups($where: NewsletterSubscriptionFilter!, $limit: Int!, $page: Int!) {
  page: newsletterSubscriptions(where: $where, sort: [~signup_sort], limit: $limit, page: $page) { ...Whole }
}
fragment Whole on NewsletterSubscription {
  id email isActive createdAt productSize { id } productVariant { productSizes { id } }
}
"""
_STOCK_CHANGES = """
query StockChanges($where: StockChangeFilter!, $first: Int!, $after: String) {
  page: stockChangeConnection(where: $where, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { productSize { productVariant { product { id } } } } }
  }
}
"""
_STOCK_CHANGE_COUNT = """
query StockChangeCount($where: StockChangeFilter!) {
  page: stockChangeConnection(where: $where, first: 1) {
    totalCount pageInfo { hasNextPage endCursor } edges { cursor }
  }
}
"""
_DISPLAY = """
fragment Page on Display {
  status uri description
  media { source { url } }
  prices { pricelist { name } price { value currency { code } } }
  productVariants { id }
}
"""
_IDS = """
query ~{stream}Ids($where: ~{filter}!, $limit: Int!, $page: Int!) {
  page: ~{root}(where: $where, sort: [~sort], limit: $limit, page: $page) { id }
}
"""
_PAYMENTS = """
query Payments($where: ~{filter}!, $limit: Int!, $page: Int!) {
  page: orderPaymentHistory(where: $where, sort: [~sort], limit: $limit, page: $page) { id order { number } }
}
"""
_LISTS: dict[Stream, tuple[str, str]] = {
    "customers": ("customers", "CustomerFilter"),
    "returns": ("returns", "ReturnFilter"),
    "products": ("products", "ProductFilter"),
    "signups": ("newsletterSubscriptions", "NewsletterSubscriptionFilter"),
}
_TEXTS: dict[Stream, str] = {
    "orders": _ORDERS,
    "returns": _RETURNS,
    "customers": _CUSTOMERS,
    "products": _PRODUCTS,
    "signups": _SIGNUPS,
}

RATE_LIMITS = Query("RateLimits", "rateLimits", "query RateLimits { rateLimits { type intervalSeconds quota } }")
STOCK_CHANGES = Query("StockChanges", "stockChangeConnection", _STOCK_CHANGES)
STOCK_CHANGE_COUNT = Query("StockChangeCount", "stockChangeConnection", _STOCK_CHANGE_COUNT)
ORDER_COUNT = Query("OrderCount", "orderConnection", _ORDER_COUNT)


def whole(stream: Stream, schema: Schema, settings: Settings) -> Query:
    """The document that reads a page of whole records.

    Variables: `where`; `first` and `after` for orders, `limit` and `page` for the others.
    """
    text = _TEXTS[stream]
    if stream == "products" and schema.has("Product", "displays"):
        text += _DISPLAY
    root = _LISTS[stream][0] if stream in _LISTS else "orderConnection"
    return Query(stream, root, _Document(text).substitute(_choices(schema, settings)))


def ids(stream: Stream, settings: Settings) -> Query:
    """The document that tells how full a page of a list is. Variables: `where`, `limit`, `page`."""
    root, of = _LISTS[stream]
    text = _Document(_IDS).substitute(stream=root, filter=of, root=root, sort=sort(stream, settings))
    return Query(f"{stream} ids", root, text)


def payments(settings: Settings) -> Query:
    """The document that reads payments, each with its order's number. Variables: `where`, `limit`, `page`."""
    text = _Document(_PAYMENTS).substitute(filter=settings.payment_filter, sort=settings.payment_sort)
    return Query("payments", "orderPaymentHistory", text)


def span(window: Window) -> dict[str, str]:
    """A window as a range of dates.

    Bounds are whole seconds, as Centra's times are. Whether they belong to the window is not known: the overlap of
    windows covers either.
    """
    return {
        "from": window.since.astimezone(UTC).isoformat(timespec="seconds"),
        "to": window.until.astimezone(UTC).isoformat(timespec="seconds"),
    }


def sort(stream: Stream, settings: Settings) -> str:
    """The order in which a stream's pages stand."""
    return {
        "orders": settings.order_sort,
        "customers": settings.customer_sort,
        "returns": settings.return_sort,
        "products": settings.product_sort,
        "signups": settings.signup_sort,
    }[stream]


def opt_outs(customer_ids: list[int], schema: Schema, settings: Settings) -> Query:
    """The document that takes customers off the newsletter, one aliased mutation each (`row0`, `row1`, ...).

    `CustomerUpdateInput.receiveNewsletters` is CONFIRMED; the mutation's name and arguments are ASSUMED. Where its
    answer can show the customer, it is asked what the flag says now.
    """
    flag = schema.newsletter(settings)
    can_show = flag and schema.has("CustomerUpdatePayload", "customer")
    shown = f" customer {{ newsletter: {flag} }}" if can_show else ""
    rows = "\n".join(
        f"  row{position}: {settings.opt_out_mutation}(id: {customer_id}, input: {{ receiveNewsletters: false }})"
        f" {{ userErrors {{ message path }}{shown} }}"
        for position, customer_id in enumerate(customer_ids)
    )
    return Query("opt_out", settings.opt_out_mutation, f"mutation OptOut {{\n{rows}\n}}")


def _choices(schema: Schema, settings: Settings) -> dict[str, str]:
    chosen = {name: selection if schema.has(of, field) else "" for name, (of, field, selection) in _OPTIONAL.items()}
    newsletter, registered = schema.newsletter(settings), schema.registered(settings)
    # A comment needs a permission of its own.
    chosen["comment"] = "internalComment" if settings.exchange_comment else ""
    chosen["newsletter"] = f"newsletter: {newsletter}" if newsletter else ""
    chosen["registered"] = f"registered: {registered}" if registered else ""
    for stream in _TEXTS:
        chosen[f"{stream[:-1]}_sort"] = sort(stream, settings)
    return chosen
