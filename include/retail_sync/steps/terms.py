"""What the pair file and the destination say of records, as seal needs it."""

from __future__ import annotations

from datetime import datetime

from retail_sync.quality.attributes import used_attributes
from retail_sync.quality.channels import channel_case
from retail_sync.quality.limits import cut_fields, refused_address, unfit_fields
from retail_sync.stage.batches import Expression, Terms

from .context import Road


def terms_of(road: Road, at: datetime) -> Terms:
    """The terms of a run that was opened at that time (aware UTC)."""
    pair = road.pair
    limits = road.destination.limits()
    channel, parameters = channel_case(pair.channels)
    return Terms(
        pair=pair.pair,
        account=pair.source.account,
        currency=pair.value.currency,
        at=at,
        channel=Expression(channel, tuple(parameters)),
        fields_cut=cut_fields(limits),
        fields_unfit=unfit_fields(limits),
        refused_address=refused_address(limits),
        used_attributes=used_attributes(pair.mapping),
    )
