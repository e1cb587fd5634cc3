"""Airflow for the tests of this folder: one process of it, two sandboxes, and a fresh product database for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.operate.house import as_environment
from retail_sync.operate.mail_catcher import MailCatcher
from tests.pipeline.mailchimp_shop import MailchimpShop
from tests.sandboxes import centra, emarsys, fulfil, host, mailchimp, new_shop, ometria, orderwise

from .airflow_process import AirflowProcess
from .pair_files import write_pair

__all__ = ["centra", "emarsys", "fulfil", "host", "mailchimp", "new_shop", "ometria", "orderwise"]


@pytest.fixture(scope="session")
def airflow_process(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowProcess]:
    """A process with Airflow in it and a database of its own."""
    process = AirflowProcess(tmp_path_factory.mktemp("airflow"), server.create_database("airflow"))
    yield process
    process.close()


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    """Where mails go."""
    with MailCatcher(tmp_path / "mail") as catcher:
        yield catcher


@pytest.fixture
def shop(new_shop: MailchimpShop) -> MailchimpShop:
    """A shop with some months behind it, and an empty audience."""
    new_shop.live_past(customers=15, orders=25)
    return new_shop


@pytest.fixture
def airflow(
    airflow_process: AirflowProcess, shop: MailchimpShop, catcher: MailCatcher, tmp_path: Path
) -> AirflowProcess:
    """Airflow with the product's own pair between the shop and the audience."""
    airflow_process.settings = {
        **shop.environment(),
        **as_environment({"smtp_default": catcher.connection}),
        "RETAIL_SYNC_PAIRS": str(write_pair(tmp_path / "pairs")),
    }
    return airflow_process
