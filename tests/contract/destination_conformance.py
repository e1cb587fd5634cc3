"""What the road relies on in every destination, whatever its vendor does: each destination has a subclass of it."""

from __future__ import annotations

from .destination_consent import Consent
from .destination_delivery import Delivery
from .destination_faults import Faults
from .destination_reading import Reading
from .destination_worth import Worth


class DestinationConformance(Delivery, Consent, Reading, Faults, Worth):
    """The suite, put together of its parts. `destination_suite` says what a subclass tells of its vendor."""
