"""Hooks of the vendors' connection types: the provider's HTTP hook, and the package's own client behind it."""

from __future__ import annotations

from typing import Any

from airflow.providers.http.hooks.http import HttpHook

from retail_sync.errors import RetailSyncError
from retail_sync.model.ports import Connection
from retail_sync.operate.check import check_connection

from .connections import airflow_connections
from .database import RetailSyncDbHook


class VendorHook(HttpHook):
    """A vendor's account, as the pair files that name its connection use it."""

    def __init__(self, http_conn_id: str | None = None, **arguments: Any) -> None:
        super().__init__(http_conn_id=http_conn_id or self.default_conn_name, **arguments)

    def connection(self) -> Connection:
        """The connection as the package's client takes it."""
        return airflow_connections(self.http_conn_id)

    def test_connection(self) -> tuple[bool, str]:
        """Ask the vendor who we are; what the UI's test button calls."""
        try:
            findings = list(check_connection(self.http_conn_id, airflow_connections, RetailSyncDbHook().dsn()))
        except RetailSyncError as error:
            return False, str(error)
        wrong = [f"{finding.subject}: {finding.detail} {finding.fix}".strip() for finding in findings if not finding.ok]
        return (False, "; ".join(wrong)) if wrong else (True, "; ".join(finding.detail for finding in findings))


class CentraHook(VendorHook):
    """Centra's Integration API."""

    conn_name_attr = "http_conn_id"
    default_conn_name = "centra_default"
    conn_type = "centra"
    hook_name = "Centra"


class MailchimpHook(VendorHook):
    """Mailchimp's Marketing API."""

    conn_name_attr = "http_conn_id"
    default_conn_name = "mailchimp_default"
    conn_type = "mailchimp"
    hook_name = "Mailchimp"
