"""The command line: what it prints, how it ends, and that it says plainly what to mend, without any secret."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from typer.testing import CliRunner, Result

from retail_sync.cli.demo import PAIRS, hurried
from retail_sync.cli.main import app
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.operate.requirements import proofs
from retail_sync.pairs import files, schema
from retail_sync.pairs.ends import accounts
from retail_sync.sandbox.host import in_a_hurry, settings_for
from tests.pipeline.mailchimp_shop import PAIR, MailchimpShop

from .told_shop import told_shop

NOWHERE = "postgresql://nobody:hidden-word@127.0.0.1:1/nothing"
#: A terminal that is wide enough for no line to be broken.
WIDE = {"COLUMNS": "400", "TERM": "dumb", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, template: str) -> Iterator[MailchimpShop]:
    with told_shop(server, template) as told:
        yield told


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test finds what happens to be set on this machine."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("AIRFLOW__", "AIRFLOW_CONFIG"))]:
        monkeypatch.delenv(name)
    for name in ("RETAIL_SYNC_DSN", "RETAIL_SYNC_PAIRS", "AIRFLOW_CONN_CENTRA_DEFAULT", "AIRFLOW_CONN_RETAIL_SYNC_DB"):
        monkeypatch.delenv(name, raising=False)


def call(*words: str, env: Mapping[str, str] | None = None) -> Result:
    """A command as a person types it; whatever is no known error is one of the test's."""
    answer = CliRunner().invoke(app, list(words), env={**WIDE, **(env or {})})
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


def secrets(shop: MailchimpShop) -> list[str]:
    """What no command may ever print."""
    environment = shop.environment()
    tokens = [json.loads(value)["password"] for name, value in environment.items() if name.startswith("AIRFLOW_CONN")]
    parts = psycopg.conninfo.conninfo_to_dict(environment["RETAIL_SYNC_DSN"])
    return [*tokens, str(parts["password"])]


def assert_no_secret(shop: MailchimpShop, answer: Result) -> None:
    assert not [secret for secret in secrets(shop) if secret in answer.output]


@pytest.mark.req("DAG-3")
def test_a_run_from_the_command_line_does_what_is_due_and_a_second_one_nothing(shop: MailchimpShop) -> None:
    answer = call("run", PAIR, "--json", env=shop.environment())

    assert answer.exit_code == 0
    report = json.loads(answer.output)
    assert report["state"] == "closed"
    assert report["run_id"].startswith(f"{PAIR}/live/cli__")
    again = call("run", PAIR, env=shop.environment())
    assert again.exit_code == 0
    assert "closed" in again.output
    assert " queued" not in again.output
    assert_no_secret(shop, answer)


@pytest.mark.req("OPS-5")
def test_a_plan_lists_changes_and_makes_none(shop: MailchimpShop) -> None:
    shop.destination.reset_log()
    answer = call("plan", PAIR, "--json", env=shop.environment())

    assert answer.exit_code == 0
    assert json.loads(answer.output)["steps"]["plan"]["rows"] == []
    assert "0 changes" in call("plan", PAIR, env=shop.environment()).output
    assert shop.writes == 0


@pytest.mark.req("OPS-1")
def test_exceptions_name_record_owner_and_next_step(shop: MailchimpShop) -> None:
    answer = call("exceptions", "--json", env=shop.environment())

    assert answer.exit_code == 0
    found = {entry["record"]: entry for entry in json.loads(answer.output)}
    (member,) = set(found) - {"order 103", "order 106"}
    assert found["order 103"]["owner"] == "operations"
    assert found["order 106"]["next_step"] == "Correct the address at the source."
    assert found[member]["owner"] == "cx"
    assert found[member]["cause"].startswith("Mailchimp refuses it: ")
    # Tags, the store's customer and two orders.
    assert found[member]["cause"].endswith(" 4 more wait for it.")
    assert_no_secret(shop, answer)


@pytest.mark.req("OPS-1")
def test_exceptions_can_be_narrowed_and_show_no_address(shop: MailchimpShop) -> None:
    everything = call("exceptions", env=shop.environment())
    cx = call("exceptions", "--owner", "cx", "--json", env=shop.environment())

    assert "3 open" in everything.output
    assert not re.search(r"\w@", everything.output)
    assert {entry["owner"] for entry in json.loads(cx.output)} == {"cx"}
    assert json.loads(call("exceptions", "--pair", "other", "--json", env=shop.environment()).output) == []
    assert "closed (UTC)" in call("exceptions", "--all", env=shop.environment()).output


@pytest.mark.req("OPS-1", "SEC-3")
def test_an_exception_that_a_person_closes_is_gone_from_the_list(shop: MailchimpShop) -> None:
    (found,) = json.loads(call("exceptions", "--owner", "operations", "--json", env=shop.environment()).output)[:1]
    words = ("exceptions", "close", str(found["exception_id"]), "--because")

    refused = call(*words, "  ", env=shop.environment())
    assert (refused.exit_code, "no reason was given" in refused.stderr) == (2, True)
    answer = call(*words, "It went by bicycle.", env=shop.environment())
    assert answer.exit_code == 0
    assert found["record"] in answer.output
    left = json.loads(call("exceptions", "--json", env=shop.environment()).output)
    assert found["exception_id"] not in {entry["exception_id"] for entry in left}


@pytest.mark.req("OPS-2")
def test_a_trace_prints_the_way_of_a_record_and_says_so_if_there_is_none(shop: MailchimpShop) -> None:
    table = call("trace", "101", env=shop.environment())
    listed = call("trace", "anna@mail.test", "--json", env=shop.environment())
    nothing = call("trace", "nobody@mail.test", env=shop.environment())

    assert table.exit_code == 0
    assert "create of the order: delivered" in table.output
    assert {item["step"] for item in json.loads(listed.output)} >= {"read", "planned", "queued", "answered", "consent"}
    assert nothing.exit_code == 1
    assert "Nothing is known of it." in nothing.output
    assert_no_secret(shop, listed)


@pytest.mark.req("OPS-3")
def test_a_check_says_what_is_right_and_what_is_wrong(shop: MailchimpShop) -> None:
    answer = call("check", PAIR, env=shop.environment())
    assert answer.exit_code == 0
    assert f"right {PAIR} token: " in answer.output
    assert f"right {PAIR} shipping mails: " in answer.output
    assert_no_secret(shop, answer)

    environment = shop.environment()
    connection = json.loads(environment["AIRFLOW_CONN_CENTRA_DEFAULT"])
    expired = json.dumps(connection | {"password": "expired-word"})
    answer = call("check", PAIR, env={**environment, "AIRFLOW_CONN_CENTRA_DEFAULT": expired})
    assert answer.exit_code == 2
    assert f"wrong {PAIR} token: " in answer.output
    assert "Put a valid token into the connection" in answer.output
    assert "expired-word" not in answer.output


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_run_with_a_wrong_token_says_what_to_mend_and_ends_with_2(shop: MailchimpShop) -> None:
    environment = shop.environment()
    connection = json.loads(environment["AIRFLOW_CONN_CENTRA_DEFAULT"])
    wrong = {**environment, "AIRFLOW_CONN_CENTRA_DEFAULT": json.dumps(connection | {"password": "expired-word"})}
    answer = call("run", PAIR, env=wrong)

    assert answer.exit_code == 2
    assert answer.stderr.startswith("CredentialsError: ")
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "expired-word" not in answer.output
    failed = json.loads(call("exceptions", "--json", env=environment).output)
    assert "live run" in {entry["record"] for entry in failed}
    assert call("run", PAIR, env=environment).exit_code == 0
    mended = json.loads(call("exceptions", "--json", env=environment).output)
    assert "live run" not in {entry["record"] for entry in mended}


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("command", [("run", PAIR), ("migrate",), ("exceptions",), ("trace", "101")])
def test_a_database_that_is_not_named_is_said_to_be_so(command: tuple[str, ...]) -> None:
    answer = call(*command)

    assert answer.exit_code == 2
    assert "Set RETAIL_SYNC_DSN" in answer.stderr
    assert "Traceback" not in answer.output


@pytest.mark.req("OPS-3")
def test_a_connection_that_is_nowhere_is_said_with_where_was_looked(shop: MailchimpShop, tmp_path: Path) -> None:
    answer = call("check", PAIR, env={**shop.environment(), "AIRFLOW_CONN_CENTRA_DEFAULT": ""})

    assert answer.exit_code == 2
    assert "Neither the environment holds AIRFLOW_CONN_CENTRA_DEFAULT" in answer.stdout
    assert f"{tmp_path}/airflow.cfg is not there" in answer.stdout
    assert "airflow.models" not in sys.modules
    assert not list(tmp_path.iterdir())


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("command", [("run", PAIR), ("migrate",), ("exceptions",), ("trace", "101")])
def test_a_database_that_can_t_be_reached_is_told_in_a_line_without_its_password(command: tuple[str, ...]) -> None:
    answer = call(*command, env={"RETAIL_SYNC_DSN": NOWHERE})

    assert answer.exit_code == 3
    assert answer.stderr.startswith("UnreachableError: ")
    assert "hidden-word" not in answer.output


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("dsn", ["hidden-word", "postgresql://a:hidden-word@h:port/d"])
@pytest.mark.parametrize("command", [("run", PAIR), ("migrate",)])
def test_a_dsn_that_is_none_is_not_repeated(dsn: str, command: tuple[str, ...]) -> None:
    answer = call(*command, env={"RETAIL_SYNC_DSN": dsn})

    assert answer.exit_code in (2, 3)
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "hidden-word" not in answer.output


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize(
    "words",
    [
        ("run", "nobody"),
        ("check", "centra_to_mailchmp"),
        ("run", PAIR, "--since", "yesterday"),
        ("run", PAIR, "--dag", "weekly"),
        ("run", PAIR, "--stream", "invoices"),
        ("plan", PAIR, "--since", "2026-02-01", "--until", "2026-01-01"),
    ],
)
def test_a_request_that_can_t_be_is_refused_before_anything_is_done(
    shop: MailchimpShop, words: tuple[str, ...]
) -> None:
    answer = call(*words, env=shop.environment())

    assert answer.exit_code == 2
    assert answer.stderr.startswith("ConfigurationError: ")


@pytest.mark.req("DAG-2")
def test_migrate_can_be_called_again(server: EmbeddedServer) -> None:
    dsn = server.create_database("cli_migrate")
    first, second = (call("migrate", env={"RETAIL_SYNC_DSN": dsn}) for _ in range(2))
    server.drop_database("cli_migrate")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith("Done: ")
    assert second.output == "Nothing to do.\n"


@pytest.mark.req("DAG-1", "ID-7")
def test_pairs_validate_tells_every_mistake_and_every_pair_that_is_right(tmp_path: Path) -> None:
    good = yaml.safe_load((files.folder() / f"{PAIR}.yaml").read_text())
    changed: dict[str, dict[str, Any]] = {
        "first": {},
        "second": {"mapping": {"fields": {"LTV": {"value": "facts.lifetime_value"}}}},
        "third": {"chanels": []},
        "fourth": {"source": {**good["source"], "system": "shopify"}, "mapping": {}},
        "fifth": {"rules": {"order_colour": {"enabled": False}}, "mapping": {}},
    }
    for name, changes in changed.items():
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({**good, "pair": name, **changes}))
    answer = call("pairs", "validate", env={"RETAIL_SYNC_PAIRS": str(tmp_path)})

    assert answer.exit_code == 2
    assert "right first: centra to mailchimp" in answer.output
    assert "first and second both fill LTV" in answer.output
    assert "wrong third.yaml: chanels" in answer.output
    assert "wrong fourth: there is no system 'shopify'" in answer.output
    assert "order_colour" in answer.output
    assert "right fifth" not in answer.output


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize(
    ("part", "change", "found"),
    [
        ("source", {"settings": {"stock_sign": 1}}, "source.settings: stock_sign"),
        ("destination", {"settings": {"audiense": "a"}}, "destination.settings: audiense"),
        ("mapping", {"fields": {"LTV": {"value": "facts.lifetime_valeu"}}}, "facts.lifetime_valeu"),
        ("mapping", {"tags": ["collektions"]}, "collektions"),
    ],
)
def test_pairs_validate_asks_both_systems_what_they_make_of_the_file(
    tmp_path: Path, part: str, change: dict[str, Any], found: str
) -> None:
    content = yaml.safe_load((files.folder() / f"{PAIR}.yaml").read_text())
    for key, more in change.items():
        content[part][key] = more if isinstance(more, list) else {**content[part][key], **more}
    (tmp_path / f"{PAIR}.yaml").write_text(yaml.safe_dump(content))
    answer = call("pairs", "validate", env={"RETAIL_SYNC_PAIRS": str(tmp_path)})

    assert answer.exit_code == 2
    (wrong,) = (line for line in answer.output.splitlines() if line.startswith("wrong "))
    assert PAIR in wrong
    assert found in wrong
    assert "right " not in answer.output


@pytest.mark.req("DAG-1", "DAG-6")
def test_pairs_validate_finds_pairs_that_leave_an_account_different_shares(tmp_path: Path) -> None:
    good = yaml.safe_load((files.folder() / f"{PAIR}.yaml").read_text())
    second = {**good, "pair": "second", "mapping": {}, "load": {"share": 0.5}}
    for content in (good, second):
        (tmp_path / f"{content['pair']}.yaml").write_text(yaml.safe_dump(content))
    answer = call("pairs", "validate", env={"RETAIL_SYNC_PAIRS": str(tmp_path)})

    assert answer.exit_code == 2
    for end in ("source", "destination"):
        account = good[end]["account"]
        assert f"{PAIR} and second say different shares of {account}; give both the same load.share" in answer.output


@pytest.mark.req("DAG-1")
def test_pairs_validate_finds_the_product_s_own_files_right() -> None:
    answer = call("pairs", "validate")

    assert answer.exit_code == 0
    assert answer.output.startswith("right ")


@pytest.mark.req("DAG-1")
def test_pairs_schema_prints_and_writes_the_same(tmp_path: Path) -> None:
    printed = call("pairs", "schema")
    written = call("pairs", "schema", "--write", env={"RETAIL_SYNC_PAIRS": str(tmp_path)})

    assert printed.output == (tmp_path / schema.NAME).read_text(encoding="utf-8")
    assert json.loads(printed.output)["title"] == "Pair"
    assert written.exit_code == 0


@pytest.mark.req("OPS-6")
def test_requirements_are_listed_with_their_tests_and_those_without(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text('@pytest.mark.req("ID-1", "ID-2")\ndef test_a() -> None: ...\n')
    table = tmp_path / "table.md"
    table.write_text("| id | requirement |\n|---|---|\n| ID-1 | one |\n| ID-9 | nine |\n")
    marked = call("requirements", "--tests", str(tmp_path))
    compared = call("requirements", "--tests", str(tmp_path), "--file", str(table))

    assert "2 of 2 have a test" in marked.output
    assert "1 of 2 have a test" in compared.output
    assert re.search(r"ID-9\W+none", compared.output)
    assert re.search(r"ID-1\W+test_one.py::test_a", compared.output)
    assert call("requirements", "--tests", str(tmp_path / "none")).exit_code == 2


@pytest.mark.req("OPS-6")
def test_what_is_marked_together_counts_and_a_sandbox_proves_nothing(tmp_path: Path) -> None:
    mark = '@pytest.mark.req("ID-1")\n'
    (tmp_path / "test_shop_sandbox.py").write_text(f"{mark}def test_double() -> None: ...\n")
    (tmp_path / "destination_suite.py").write_text(f"class Suite:\n    {mark}    def test_suite(self) -> None: ...\n")
    shared = 'pytestmark = [pytest.mark.slow, pytest.mark.req("ID-2")]\n'
    (tmp_path / "test_two.py").write_text(f"{shared}def row() -> None: ...\n{mark}def test_b() -> None: ...\n")
    found = proofs(tmp_path)

    assert found == {
        "ID-1": ["destination_suite.py::test_suite", "test_two.py::test_b"],
        "ID-2": ["test_two.py::test_b"],
    }


@pytest.mark.req("OPS-6")
def test_every_command_explains_itself() -> None:
    for words in (
        *((name,) for name in ("run", "plan", "check", "migrate", "trace", "requirements", "demo")),
        *((name,) for name in ("audit", "totals", "history")),
        ("exceptions",),
        ("exceptions", "close"),
        ("exceptions", "snooze"),
        ("pairs", "validate"),
        ("pairs", "schema"),
        *(("sandbox", name) for name in ("start", "load", "advance", "faults")),
    ):
        answer = call(*words, "--help")
        assert answer.exit_code == 0
        assert "Usage: " in answer.output


@pytest.mark.req("EVT-1")
def test_carts_come_in_from_a_file(shop: MailchimpShop, tmp_path: Path) -> None:
    file = tmp_path / "carts.jsonl"
    cart = {
        "key": "c-cli",
        "email": "someone@mail.test",
        "updated_at": "2026-03-02T12:00:00Z",
        "currency": "SEK",
        "total": "100.00",
        "lines": [{"key": "l1", "sku": "P7-S", "quantity": 1, "unit_price": 100}],
        "checkout_url": "https://shop.test/cart/c-cli",
    }
    file.write_text(f"{json.dumps(cart)}\n\n")
    for expected in ("1 carts are new", "0 carts are new"):
        answer = call("bring", PAIR, "carts", str(file), env=shop.environment())
        assert (answer.exit_code, expected in answer.output) == (0, True)
    file.write_text(json.dumps({**cart, "updated_at": "2026-03-02T12:00:00"}))
    wrong = call("bring", PAIR, "carts", str(file), env=shop.environment())
    assert wrong.exit_code == 2
    assert "line 1" in wrong.output
    assert "someone@mail.test" not in wrong.output


@pytest.mark.req("DAG-3")
def test_the_demo_can_tell_who_wrote_what_and_spares_nobody() -> None:
    pairs = [hurried(files.find(name)) for name in PAIRS]
    found = accounts(pairs)

    assert all(found[pair.destination.connection].settings == [pair.destination.settings] for pair in pairs)
    assert len(found["centra_main"].settings) == 3
    for account in found.values():
        hurry = in_a_hurry(account.system)
        assert all(hurry.items() <= settings.items() for settings in account.settings)
    # An allowance that a pair counts on is one that the sandbox grants.
    granted = settings_for("ometria", found["ometria_main"].settings)
    assert granted["push_per_second"] == in_a_hurry("ometria")["push_rate"] > 8
