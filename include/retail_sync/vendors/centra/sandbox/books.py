"""The books as plain values, for whoever checks from outside what a sync has made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.records import Customer, Line, Order, Product, Return, Shipment
    from retail_sync.vendors.centra.sandbox.shop import Shop


def books(shop: Shop) -> dict[str, Any]:
    """All objects in the order in which they came.

    Amounts are `Decimal`, in the order's currency and with tax. Lines keep what was ordered (`ordered`) beside what
    was cancelled and returned; `grand_total` is net of cancelled lines and not of returns. A payment's amount is
    positive whichever sign the API shows for a refund, and negative for a release.
    """
    sign = shop.settings.refund_sign
    return {
        "customers": [_customer(one) for one in shop.customers.values()],
        "newsletter_subscriptions": [
            {"id": one.id, "email": one.email, "active": one.active}
            for one in shop.subscriptions.values()
            if one.variant_id is None
        ],
        "stock_awaited": [
            {"email": one.email, "variant_id": one.variant_id, "active": one.active, "at": one.created_at}
            for one in shop.subscriptions.values()
            if one.variant_id is not None
        ],
        "products": [_product(one) for one in shop.products.values()],
        "orders": [_order(one, sign) for one in shop.orders.values()],
        "returns": [_return(one, sign) for one in shop.returns.values()],
    }


def _customer(customer: Customer) -> dict[str, Any]:
    known = customer.known
    return {
        "id": customer.id,
        "email": known.email,
        "first_name": known.first_name,
        "last_name": known.last_name,
        "registered": known.registered,
        "newsletter": customer.newsletter,
        "anonymised": customer.anonymised,
        "former_emails": customer.former_emails,
        "market": known.market,
        "country": known.home.country,
        "city": known.home.city,
        "phone": known.home.phone,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
    }


def _product(product: Product) -> dict[str, Any]:
    listed = product.listed
    return {
        "id": product.id,
        "number": listed.number,
        "name": listed.name,
        "brand": listed.brand,
        "collection": listed.collection,
        "active": listed.active,
        "image_url": listed.image_url,
        "variants": [
            {
                "id": size.spec.variant_id,
                "sku": size.spec.sku,
                "colour": variant.name,
                "size": size.spec.size,
                "prices": size.spec.prices,
                "stock": size.stock,
            }
            for variant in product.variants
            for size in variant.sizes
        ],
    }


def _order(order: Order, sign: int) -> dict[str, Any]:
    placed = order.placed
    return {
        "id": order.id,
        "number": order.number,
        "store_type": placed.store_type,
        "status": order.status,
        "customer_id": placed.customer_id,
        "email": placed.email,
        "market": placed.market,
        "currency": placed.currency,
        "rate": placed.rate,
        "grand_total": order.total,
        "shipping": placed.shipping,
        "discount": placed.discount,
        "voucher": placed.voucher,
        "affiliate": placed.affiliate,
        "exchange_of": placed.exchange_of,
        "cart_id": placed.cart_id,
        "cancelled_at": order.cancelled_at,
        "hold_reason": order.hold_reason,
        "created_at": placed.at,
        "updated_at": order.updated_at,
        "lines": [_line(line) for line in order.lines.values()],
        "payments": [
            {"id": one.id, "kind": one.entry_type, "amount": _amount(one.entry_type, one.amount, sign), "at": one.at}
            for one in order.payments
        ],
        "shipments": [_shipment(one) for one in order.shipments.values()],
    }


def _amount(kind: str, amount: Any, sign: int) -> Any:
    return amount * sign if kind == "REFUND" else amount


def _line(line: Line) -> dict[str, Any]:
    spec = line.spec
    return {
        "id": spec.line_id,
        "sku": spec.sku,
        "product_id": spec.product_id,
        "variant_id": spec.variant_id,
        "name": spec.name,
        "gift_card": spec.gift_card,
        "ordered": spec.quantity,
        "cancelled": line.cancelled,
        "returned": line.returned,
        "campaign": spec.campaign,
        "unit_price": spec.unit_price,
        "list_price": spec.list_price,
    }


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.id,
        "number": shipment.number,
        "shipped_at": shipment.shipped_at,
        "carrier": shipment.carrier,
        "service": shipment.service,
        "tracking_number": shipment.tracking_number,
        "lines": [{"line_id": one.line.spec.line_id, "quantity": one.quantity} for one in shipment.lines],
    }


def _return(made: Return, sign: int) -> dict[str, Any]:
    return {
        "id": made.id,
        "order_number": made.order.number,
        "completed": made.completed,
        "created_at": made.created_at,
        "value": made.value,
        "refunded": sum(payment.amount for payment in made.refunds) * sign,
        "lines": [
            {"line_id": one.line.spec.line_id, "quantity": one.quantity, "unit_price": one.unit_price}
            for one in made.lines
        ],
    }
