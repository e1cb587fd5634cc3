"""Airflow for the tests of this folder: one process of it, two sandboxes, and a fresh product database for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.operate.house import as_environment
from retail_sync.operate.mail_catcher import MailCatcher
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import build, running
from tests.pipeline.shop import Shop

from .airflow_process import AirflowProcess
from .pair_files import write_pair


@pytest.fixture(scope="session")
def airflow_process(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowProcess]:
    """A process with Airflow in it and a database of its own."""
    process = AirflowProcess(tmp_path_factory.mktemp("airflow"), server.create_database("airflow"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def centra() -> Iterator[SandboxControl]:
    """The shop's sandbox."""
    with running(build("centra")) as url, SandboxControl(url) as control:
        yield control


@pytest.fixture(scope="session")
def mailchimp() -> Iterator[SandboxControl]:
    """The marketing platform's sandbox."""
    with running(build("mailchimp")) as url, SandboxControl(url) as control:
        yield control


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    """Where mails go."""
    with MailCatcher(tmp_path / "mail") as catcher:
        yield catcher


@pytest.fixture
def shop(centra: SandboxControl, mailchimp: SandboxControl, dsn: str) -> Iterator[Shop]:
    """A shop with some months behind it, and an empty audience."""
    centra.reset()
    mailchimp.reset()
    shop = Shop(centra, mailchimp, dsn)
    shop.live_past(customers=15, orders=25)
    yield shop
    shop.close()


@pytest.fixture
def airflow(airflow_process: AirflowProcess, shop: Shop, catcher: MailCatcher, tmp_path: Path) -> AirflowProcess:
    """Airflow with the product's own pair between the shop and the audience."""
    airflow_process.settings = {
        **shop.environment(),
        **as_environment({"smtp_default": catcher.connection}),
        "RETAIL_SYNC_PAIRS": str(write_pair(tmp_path / "pairs")),
    }
    return airflow_process
