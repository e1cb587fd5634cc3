"""Where Airflow's interface shows the pages, and the link from a task to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

#: Where the pages are mounted.
PREFIX = "/retail-sync"


def views() -> list[dict[str, Any]]:
    """The entries in the interface's navigation, and the tab of every run."""
    return [
        {
            "name": "Data quality",
            "href": page_of("/"),
            "destination": "nav",
            "category": "browse",
            "url_route": "data-quality",
        },
        {
            "name": "Exceptions",
            "href": page_of("/exceptions"),
            "destination": "nav",
            "category": "browse",
            "url_route": "exceptions",
        },
        {
            "name": "Data quality",
            "href": page_of("/runs/{DAG_ID}/{RUN_ID}"),
            "destination": "dag_run",
            "url_route": "run-data-quality",
        },
    ]


class QualityLink(BaseOperatorLink):
    """From a task to the page of its run: what was read, judged, set aside and sent."""

    name = "Data quality"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's signature
        """The page's address."""
        return page_of(f"/runs/{quote(ti_key.dag_id)}/{quote(ti_key.run_id)}")


def page_of(path: str) -> str:
    """The address of a page, on whatever host and below whatever path Airflow's interface lives."""
    base = str(conf.get("api", "base_url", fallback="") or "")
    return urlsplit(base).path.rstrip("/") + PREFIX + path
