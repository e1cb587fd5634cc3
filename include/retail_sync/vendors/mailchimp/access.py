"""What everything that reads needs: the way, how many at once, where, and how the pair wants it."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.wire import Paths, Send


@dataclass(frozen=True, slots=True)
class Access:
    """The access to one audience and its store.

    Attributes:
        send: Takes a call to Mailchimp.
        pool: Runs calls at once.
        paths: The audience and its store.
        settings: The pair's settings.
    """

    send: Send
    pool: Executor
    paths: Paths
    settings: MailchimpSettings
