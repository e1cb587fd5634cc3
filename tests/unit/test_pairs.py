"""Pair files: what may stand in them, and how a wrong one is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from pydantic import ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.pairs import durations, files, schema
from retail_sync.pairs.config import Pair
from retail_sync.pairs.ends import accounts
from retail_sync.pairs.overlaps import contradictions, overlaps
from retail_sync.pairs.peak import Peak
from retail_sync.quality.catalogue import rules_of
from retail_sync.vendors.registry import place_of

SHOPS = ["centra", "fulfil", "orderwise"]
PLATFORMS = ["emarsys", "mailchimp", "ometria"]
#: What ORD-4 names, but for what was bought of which item: the orders at the destination tell that.
FACTS = {
    "lifetime_value",
    "order_count",
    "average_order",
    "first_order_at",
    "last_order_at",
    "buyer_state",
    "always_full_price",
    "markets",
    "collections",
    "repeat_skus",
    "replenishment_due",
    "awaiting_refund",
    "awaiting_return",
    "just_bought",
    "recently_returned",
}
PAIR: dict[str, Any] = {
    "pair": "shop_to_list",
    "source": {"system": "centra", "connection": "centra_default", "account": "shop"},
    "destination": {"system": "mailchimp", "connection": "mailchimp_default", "account": "list"},
    "channels": [{"when": {"store_type": ["DTC"]}, "is": "dtc"}],
    "value": {"currency": "SEK"},
}


def put(folder: Path, name: str, **changes: Any) -> Path:
    """Write a pair file that is right but for the changes."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(PAIR | {"pair": name} | changes))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        files.read(path)
    return str(caught.value)


@pytest.mark.req("DAG-1")
def test_a_short_pair_file_is_whole(tmp_path: Path) -> None:
    pair = files.read(put(tmp_path, "shop_to_list"))

    assert set(pair.streams) == {"customers", "orders", "returns", "products", "signups", "carts", "browses"}
    assert pair.schedule.live == "*/5 * * * *"
    assert pair.consent.source_opt_out == "raise"
    assert pair.value.currency == "SEK"


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"chanels": []}, "chanels"),
        ({"streams": {"orders": {"cadense": "1h"}}}, "streams.orders.cadense"),
        ({"streams": {"invoices": {}}}, "streams.invoices"),
        ({"channels": [{"when": {}, "is": "b2b"}]}, "channels.0.is"),
        ({"mapping": {"fields": {"LTV": {"valu": "x"}}}}, "mapping.fields.LTV.valu"),
        ({"value": {"currency": "kr"}}, "value.currency"),
        ({"load": {"share": 1.5}}, "load.share"),
        ({"deadline": {"run": "soon"}}, "deadline.run"),
        ({"owners": {"sales": []}}, "owners.sales"),
    ],
)
def test_a_key_that_is_wrong_is_named_by_its_path(tmp_path: Path, changes: dict[str, Any], path: str) -> None:
    said = refusal(put(tmp_path, "shop_to_list", **changes))

    assert said.startswith("shop_to_list.yaml: ")
    assert path in said


@pytest.mark.req("DAG-1")
def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    said = refusal(put(tmp_path, "shop_to_list", chanels=[], load={"share": 0}))

    assert "chanels" in said
    assert "load.share" in said


@pytest.mark.req("DAG-1")
def test_a_file_and_its_pair_have_one_name(tmp_path: Path) -> None:
    assert "names the pair 'other'" in refusal(put(tmp_path, "shop_to_list", pair="other"))


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize("text", ["pair: [", "", "- a list", "just text", "pair: !!python/object:os.system x"])
def test_what_is_no_pair_file_at_all_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shop_to_list.yaml"
    path.write_text(text)

    assert refusal(path).startswith("shop_to_list.yaml: ")


@pytest.mark.req("DAG-1")
def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    put(tmp_path, "first")
    put(tmp_path, "second", chanels=[])
    (tmp_path / "third.yaml").write_bytes(b"pair: \xff\xfe")
    (tmp_path / "fourth.yaml").write_text("pair: fourth\nsince: 2026-02-30\n")
    (tmp_path / "fifth.yaml").symlink_to(tmp_path / "gone.yaml")
    put(tmp_path, "zeroth")
    good, broken = files.read_all(tmp_path)

    assert [pair.pair for pair in good] == ["first", "zeroth"]
    assert [item.path.name for item in broken] == ["fifth.yaml", "fourth.yaml", "second.yaml", "third.yaml"]
    assert "chanels" in broken[2].error


@pytest.mark.req("DAG-1")
def test_a_pair_that_there_is_not_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no pair 'nobody'"):
        files.find("nobody", tmp_path)


@pytest.mark.req("DAG-1")
def test_the_folder_of_pair_files_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "elsewhere")
    monkeypatch.setenv("RETAIL_SYNC_PAIRS", str(tmp_path))

    assert files.find("elsewhere").pair == "elsewhere"


@pytest.mark.req("ID-7")
def test_one_field_of_one_audience_has_one_owner() -> None:
    fields = {"fields": {"LTV": {"value": "facts.lifetime_value"}, "FNAME": {"value": "first_name"}}}
    swedish = Pair.model_validate(PAIR | {"pair": "swedish", "mapping": fields})
    danish = Pair.model_validate(PAIR | {"pair": "danish", "mapping": {"fields": {"LTV": {"value": "last_name"}}}})
    there = {"account": "another", "connection": "mailchimp_other"}
    elsewhere = danish.model_copy(
        update={"destination": danish.destination.model_copy(update=there), "pair": "elsewhere"}
    )

    assert overlaps([swedish, elsewhere], place_of) == []
    (said,) = overlaps([swedish, danish], place_of)
    assert "swedish and danish both fill LTV of list" in said


@pytest.mark.req("ID-7")
def test_pairs_that_declare_what_they_own_of_one_audience_may_share_it() -> None:
    fields = {"LTV": {"value": "facts.lifetime_value"}, "FNAME": {"value": "first_name"}}
    both = PAIR | {"mapping": {"fields": fields, "tags": ["markets"]}}
    owning = {**PAIR["destination"], "owns": {"fields": ["LTV"], "tags": []}}
    rest = {**PAIR["destination"], "owns": {"fields": ["FNAME"]}}
    swedish = Pair.model_validate(both | {"pair": "swedish", "destination": owning})
    danish = Pair.model_validate(both | {"pair": "danish", "destination": rest})

    assert overlaps([swedish, danish], place_of) == []
    assert (list(swedish.owned_fields), swedish.owned_tags) == (["LTV"], [])
    (said,) = overlaps([Pair.model_validate(both | {"pair": "norwegian", "destination": rest}), danish], place_of)
    assert "both fill FNAME, the tags of markets of list" in said
    with pytest.raises(ValidationError, match=r"owns\.fields names what is not mapped: PHONE"):
        Pair.model_validate(both | {"destination": {**PAIR["destination"], "owns": {"fields": ["PHONE"]}}})


@pytest.mark.req("ID-7")
def test_a_copied_pair_that_calls_the_same_audience_by_another_name_is_no_other_pair() -> None:
    def pair(name: str, account: str, **settings: str) -> Pair:
        there = PAIR["destination"] | {"account": account, "settings": {"store": name, **settings}}
        return Pair.model_validate(PAIR | {"pair": name, "destination": there})

    swedish = pair("swedish", "list", audience="5a3d")
    (said,) = overlaps([swedish, pair("danish", "copy", audience="5a3d")], place_of)
    assert "swedish and danish write to the same contacts of mailchimp_default and call them list and copy" in said
    assert overlaps([swedish, pair("danish", "copy", audience="7b1e")], place_of) == []


@pytest.mark.req("DAG-4")
@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        (" 6 h ", timedelta(hours=6)),
        ("2d", timedelta(days=2)),
        ("0s", timedelta(0)),
    ],
)
def test_lengths_of_time_are_written_as_people_do(text: str, length: timedelta) -> None:
    pair = Pair.model_validate(PAIR | {"streams": {"orders": {"cadence": text}}})

    assert pair.streams["orders"].cadence == length
    assert durations.parse(durations.write(length)) == length


@pytest.mark.req("DAG-4")
@pytest.mark.parametrize("text", ["1w", "ten minutes", "-5m", "5 M", -5])
def test_a_length_of_time_that_is_none_is_refused(tmp_path: Path, text: Any) -> None:
    said = refusal(put(tmp_path, "shop_to_list", streams={"orders": {"cadence": text}}))

    assert "streams.orders.cadence" in said


@pytest.mark.req("DAG-1", "OPS-6")
def test_the_schema_beside_the_pair_files_is_the_one_of_the_code() -> None:
    kept = files.folder() / schema.NAME

    assert kept.read_text(encoding="utf-8") == schema.schema(), "Run: retail-sync pairs schema --write"


@pytest.mark.req("DAG-1")
def test_editors_find_the_schema_and_every_pair_file_agrees_with_it() -> None:
    rules = json.loads(schema.schema())
    paths = sorted(files.folder().glob("*.yaml"))

    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# yaml-language-server: $schema={schema.NAME}\n")
        jsonschema.Draft202012Validator(rules).validate(yaml.safe_load(text))


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize("changes", [{"chanels": []}, {"deadline": {"run": "soon"}}, {"value": {"currency": "kr"}}])
def test_an_editor_shows_the_same_mistakes(changes: dict[str, Any]) -> None:
    checker = jsonschema.Draft202012Validator(json.loads(schema.schema()))

    assert checker.is_valid(PAIR)
    assert not checker.is_valid(PAIR | changes)


@pytest.mark.req("DAG-1")
def test_the_pair_files_of_the_product_are_right() -> None:
    good, broken = files.read_all()

    assert broken == []
    assert [pair.pair for pair in good] == [f"{source}_to_{platform}" for source in SHOPS for platform in PLATFORMS]
    assert contradictions(good, place_of) == []
    assert all(rules_of(pair) for pair in good)
    assert all(isinstance(pair.segments.vip_from, Decimal) for pair in good)


@pytest.mark.req("DAG-1", "ID-7")
def test_no_two_pairs_of_the_product_meet_at_a_destination() -> None:
    """Shops number their orders and products alike, and a Mailchimp audience is the least that keeps them apart."""
    good, _ = files.read_all()
    found = accounts(good)

    assert len({pair.destination.account for pair in good}) == len(good)
    assert {name for name, account in found.items() if len(account.settings) > 1} == {
        *(f"{shop}_default" for shop in SHOPS),
        "mailchimp_default",
    }
    assert len({end["audience"] for end in found["mailchimp_default"].settings}) == len(SHOPS)


@pytest.mark.req("ORD-4")
@pytest.mark.parametrize("name", [f"{source}_to_{platform}" for source in SHOPS for platform in PLATFORMS])
def test_each_fact_that_is_segmented_on_has_one_carrier(name: str) -> None:
    mapping = files.find(name).mapping
    carried = [field.value.removeprefix("facts.") for field in mapping.fields.values() if "facts." in field.value]

    # Where a field shows who is a buyer of which sort, a tag may set campaigns off by it.
    assert sorted({*carried, *mapping.tags} - {"skus"}) == sorted(FACTS)
    assert len(carried) == len(set(carried))


@pytest.mark.req("DAG-4")
@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-03-02T07:59:59+00:00", None),
        ("2026-03-02T08:00:00+00:00", "2026-03-02T18:00:00+00:00"),
        ("2026-03-02T17:59:59+00:00", "2026-03-02T18:00:00+00:00"),
        ("2026-03-02T18:00:00+00:00", None),
        # A Saturday; and the small hours that still belong to Friday's last span.
        ("2026-03-07T12:00:00+00:00", None),
        ("2026-03-07T00:30:00+00:00", "2026-03-07T01:00:00+00:00"),
        ("2026-03-08T23:30:00+00:00", None),
        # In summer London is an hour ahead of UTC.
        ("2026-07-06T07:00:00+00:00", "2026-07-06T17:00:00+00:00"),
        ("2026-07-06T06:59:00+00:00", None),
    ],
)
def test_peak_hours_are_those_of_the_sources_own_clocks(at: str, ends: str | None) -> None:
    peak = Peak.model_validate({"hours": ["08:00-12:00", "12:00-18:00", "23:00-01:00"], "timezone": "Europe/London"})
    end = peak.ends_at(datetime.fromisoformat(at))
    assert (end and end.isoformat()) == ends


@pytest.mark.req("DAG-4")
def test_peak_hours_that_never_end_are_no_endless_loop() -> None:
    peak = Peak.model_validate(
        {"hours": ["00:00-12:00", "12:00-00:00"], "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    )
    assert peak.ends_at(datetime(2026, 3, 2, 12, tzinfo=UTC)) is not None


@pytest.mark.req("DAG-4")
@pytest.mark.parametrize("hours", ["8-18", "08:00", "25:00-26:00", "08:00 - 18:00"])
def test_peak_hours_that_nobody_can_read_are_named(tmp_path: Path, hours: str) -> None:
    source = PAIR["source"] | {"peak": {"hours": [hours]}}
    assert "source.peak.hours.0" in refusal(put(tmp_path, "shop_to_list", source=source))


@pytest.mark.req("DAG-4")
def test_pairs_of_one_source_say_the_same_peak_hours() -> None:
    source = PAIR["source"] | {"peak": {"hours": ["08:00-18:00"]}}
    sparing = Pair.model_validate(PAIR | {"source": source})
    there = PAIR["destination"] | {"account": "another", "connection": "mailchimp_other"}
    other = PAIR | {"pair": "elsewhere", "destination": there}

    (said,) = contradictions([sparing, Pair.model_validate(other)], place_of)

    assert "shop_to_list and elsewhere say different peak hours of shop" in said
    assert contradictions([sparing, Pair.model_validate(other | {"source": source})], place_of) == []
