"""What Airflow learns of this package: its connection types and the forms that the UI shows for them.

Read in every Airflow process, so nothing is imported here.
"""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Describe the package to Airflow's provider manager."""
    return {
        "package-name": "retail-sync",
        "name": "Retail Sync",
        "description": "Keeps a marketing platform true to a shop or an ERP.",
        "versions": ["0.1.0"],
        "connection-types": [_centra(), _fulfil(), _orderwise(), _mailchimp(), _emarsys(), _ometria()],
    }


def _centra() -> dict[str, Any]:
    return {
        "connection-type": "centra",
        "hook-name": "Centra",
        "hook-class-name": "retail_sync_airflow.hooks.vendors.CentraHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "login", "port"],
            "relabeling": {"host": "Address of the instance", "password": "Access token (AMS, System, API tokens)"},
            "placeholders": {"host": "https://client.centra.com", "extra": "{}"},
        },
    }


def _fulfil() -> dict[str, Any]:
    return {
        "connection-type": "fulfil",
        "hook-name": "Fulfil",
        "hook-class-name": "retail_sync_airflow.hooks.vendors.FulfilHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "login", "port"],
            "relabeling": {"host": "Address of the merchant", "password": "Personal access token"},
            "placeholders": {"host": "https://merchant.fulfil.io", "extra": "{}"},
        },
    }


def _orderwise() -> dict[str, Any]:
    return {
        "connection-type": "orderwise",
        "hook-name": "OrderWise",
        "hook-class-name": "retail_sync_airflow.hooks.vendors.OrderWiseHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {
                "host": "Address of the API, with its path",
                "login": "User of an API user group",
                "password": "Password",
            },
            "placeholders": {"host": "https://tenant.orderwisecloud.com/owapi", "extra": "{}"},
        },
    }


def _mailchimp() -> dict[str, Any]:
    return {
        "connection-type": "mailchimp",
        "hook-name": "Mailchimp",
        "hook-class-name": "retail_sync_airflow.hooks.vendors.MailchimpHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "login", "port"],
            "relabeling": {"host": "Address (empty: the key's data centre)", "password": "API key"},
            "placeholders": {"host": "https://us21.api.mailchimp.com", "extra": "{}"},
        },
    }


def _emarsys() -> dict[str, Any]:
    return {
        "connection-type": "emarsys",
        "hook-name": "Emarsys",
        "hook-class-name": "retail_sync_airflow.hooks.vendors.EmarsysHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {
                "host": "Address (empty: api.emarsys.net)",
                "login": "Client id (for WSSE: the API user)",
                "password": "Client secret (for WSSE: the user's)",
                "extra": "Extra, with the tokens of sales data and catalogue",
            },
            "placeholders": {
                "host": "https://api.emarsys.net",
                "extra": '{"sales_token": "...", "catalogue_token": "..."}',
            },
        },
    }


def _ometria() -> dict[str, Any]:
    return {
        "connection-type": "ometria",
        "hook-name": "Ometria",
        "hook-class-name": "retail_sync_airflow.hooks.vendors.OmetriaHook",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "login", "port"],
            "relabeling": {"host": "Address (empty: api.ometria.com)", "password": "API key"},
            "placeholders": {"host": "https://api.ometria.com", "extra": "{}"},
        },
    }
