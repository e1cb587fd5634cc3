"""The Emarsys sandbox: contacts are written in batches whose rows succeed or fail one by one, and read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .emarsys_account import EMAIL, KEY, OPT_IN, Caller, account, fresh, person

FIRST_ID = 100_000_001


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    yield fresh(_running)
    assert _running.control.log()["crashed"] == []


class TestWrites:
    @pytest.mark.req("CUS-1")
    def test_new_ids_are_numbers_known_ones_texts_and_no_errors_an_empty_list(self, api: Caller) -> None:
        assert api.put(person("ann")) == {"ids": [FIRST_ID], "errors": []}
        assert api.put(person("ann", **{"1": "Ann"}), person("bo")) == {
            "ids": [str(FIRST_ID), FIRST_ID + 1],
            "errors": [],
        }
        assert api.done("POST", "/contact", {"key_id": KEY, "contacts": [person("cy")]}) == {"ids": [FIRST_ID + 2]}
        assert api.contact("ann")["fields"]["first_name"] == "Ann"

    @pytest.mark.req("CUS-1")
    def test_an_update_changes_the_fields_it_names_and_empties_those_it_names_empty(self, api: Caller) -> None:
        api.put(person("ann", **{"1": "Ann", "2": "Ek"}))
        api.put({KEY: "ann", "1": ""})
        assert api.contact("ann")["fields"] == {"last_name": "Ek", "email": "ann@mail.test", "retail_sync_id": "ann"}

    @pytest.mark.req("OPS-1")
    def test_rows_that_fail_stand_beside_rows_that_don_t_within_a_success(self, api: Caller) -> None:
        bad: dict[str, Any] = {
            "field": {"9999": "x"},
            "choice": {"14": "Sweden"},
            "flag": {OPT_IN: True},
            "word": {OPT_IN: "true"},
            "long": {"1": "x" * 61},
            "day": {"4": "2026-2-30"},
            "emoji": {"1": "Ann \U0001f600"},
            "mail": {EMAIL: "nobody"},
            "own": {"33": "1"},
            "object": {"1": {"first": "Ann"}},
        }
        found = api.put(person("ann"), *(person(name) | more for name, more in bad.items()), {"1": "nobody"})
        assert found["ids"] == [FIRST_ID]
        codes = {name: [*errors] for name, errors in found["errors"].items()}
        assert codes == {**{name: ["2007"] for name in bad}, "field": ["2006"], "": ["2005"]}

    @pytest.mark.req("OPS-1")
    @pytest.mark.parametrize(
        ("shape", "errors"),
        [
            ("nested", {"bo": {"2008": f"No contact found with the external id: {KEY} - bo"}}),
            ("map", {"bo": f"No contact found with the external id: {KEY} - bo"}),
            (
                "list",
                [{"key": "bo", "errorCode": 2008, "errorMsg": f"No contact found with the external id: {KEY} - bo"}],
            ),
        ],
    )
    def test_errors_come_in_three_shapes(self, api: Caller, shape: str, errors: Any) -> None:
        api.control.fault("error_shapes", times=None, options={"shape": shape})
        assert api.put(person("bo"), create=0) == {"ids": [], "errors": errors}
        body = {"keyId": KEY, "keyValues": ["bo"], "fields": [EMAIL]}
        assert api.done("POST", "/contact/getdata", body) == {"errors": errors, "result": False}

    @pytest.mark.req("OPS-1")
    def test_a_wrong_key_refuses_everything_within_a_success(self, api: Caller) -> None:
        made = api.done("POST", "/field", {"name": "Loyalty", "application_type": "shorttext"})["id"]
        for key in (100, made):
            found = api.put({str(key): "ann"}, key=key)
            assert found == {"ids": [], "errors": {"<NO_KEY_ID>": {"2004": f"Invalid key field id: {key}"}}}
        api.control.fault("no_key_id")
        assert api.put(person("ann"))["errors"].keys() == {"<NO_KEY_ID>"}
        assert api.control.state()["contacts"] == []

    @pytest.mark.req("OPS-1")
    def test_a_single_contact_is_refused_as_a_whole(self, api: Caller) -> None:
        one = {"key_id": KEY, **person("ann")}
        assert api.refused("PUT", "/contact", one) == (400, 2008)
        assert api.done("POST", "/contact", one) == {"id": FIRST_ID}
        assert api.refused("POST", "/contact", one) == (400, 2009)
        assert api.done("PUT", "/contact", one) == {"id": str(FIRST_ID)}
        assert api.done("PUT", "/contact/create_if_not_exists=1", {"key_id": KEY, **person("bo")}) == {
            "id": FIRST_ID + 1
        }

    @pytest.mark.req("CUS-1")
    def test_the_vendor_s_own_ids_find_contacts_and_make_none(self, api: Caller) -> None:
        api.put(person("ann"))
        uid = api.contact("ann")["uid"]
        assert api.put({"uid": uid, "1": "Ann"}, key="uid", create=0)["ids"] == [str(FIRST_ID)]
        assert api.put({"id": "7", "1": "Bo"}, key="id") == {
            "ids": [], "errors": {"7": {"2004": "Cannot use id or uid as key on contact creation"}},
        }  # fmt: skip

    @pytest.mark.req("CON-2")
    def test_one_address_can_be_two_contacts_and_is_no_key_then(self, api: Caller) -> None:
        api.put({EMAIL: "Ann@mail.test", OPT_IN: 2}, key=3)
        assert api.put(person("ann", **{OPT_IN: 1}))["ids"] == [FIRST_ID + 1]
        found = api.put({EMAIL: "ann@mail.test", "1": "Ann"}, key=3)
        assert found["errors"].keys() == {"ann@mail.test"}
        assert found["errors"]["ann@mail.test"].keys() == {"2010"}
        read = api.done("POST", "/contact/getdata", {"keyId": 3, "keyValues": ["ann@mail.test"], "fields": [KEY]})
        assert (read["result"], [one["errorCode"] for one in read["errors"]]) == (False, [2010])

    @pytest.mark.req("OPS-1")
    def test_a_key_twice_in_one_batch_fails_twice(self, api: Caller) -> None:
        found = api.put(person("ann"), person("ann"), person("bo"))
        assert (found["ids"], [*found["errors"]]) == ([FIRST_ID], ["ann"])

    @pytest.mark.req("CUS-1")
    def test_a_race_says_that_it_exists_and_makes_nothing(self, api: Caller) -> None:
        api.control.fault("already_exists_race", endpoint="bo")
        found = api.put(person("ann"), person("bo"))
        assert (found["ids"], [*found["errors"]["bo"]]) == ([FIRST_ID], ["2009"])
        assert api.put(person("bo"))["ids"] == [FIRST_ID + 1]

    @pytest.mark.req("DAG-6")
    def test_a_batch_has_a_thousand_at_most(self, api: Caller) -> None:
        rows = [person(f"p{place}") for place in range(1001)]
        body = {"key_id": KEY, "contacts": rows}
        assert api.refused("PUT", "/contact/", body, create_if_not_exists=1) == (400, 1000)
        del rows[-1]
        assert len(api.done("PUT", "/contact/", body, create_if_not_exists=1)["ids"]) == 1000

    @pytest.mark.req("OPS-1")
    def test_a_list_or_source_that_is_not_there_refuses_the_call(self, api: Caller) -> None:
        contacts = [person("ann")]
        body = {"key_id": KEY, "contacts": contacts}
        assert api.refused("PUT", "/contact/", {**body, "contact_list_id": 7}) == (400, 2020)
        assert api.refused("PUT", "/contact/", {**body, "source_id": "web"}) == (400, 2013)

    @pytest.mark.req("CON-1")
    def test_nothing_keeps_a_write_from_overriding_an_opt_out_but_the_books_tell(self, api: Caller) -> None:
        api.put(person("ann", **{OPT_IN: 2}))
        api.put({KEY: "ann", OPT_IN: "1"})
        api.put({KEY: "ann", OPT_IN: 1})
        assert api.consent("ann") == [("2", "created by API"), ("1", "updated by API")]

    @pytest.mark.req("SEC-2")
    def test_who_is_deleted_is_a_stranger_again(self, api: Caller) -> None:
        api.put(person("ann", **{OPT_IN: 2}), {KEY: "x", EMAIL: "two@mail.test"}, {KEY: "y", EMAIL: "two@mail.test"})
        found = api.done("POST", "/contact/delete", {"key_id": "3", "3": ["ann@mail.test", "two@mail.test"]})
        assert (found["deleted_contacts"], [*found["errors"]["two@mail.test"]]) == (1, ["2010"])
        assert api.put(person("ann", **{OPT_IN: 1}))["ids"] == [FIRST_ID + 3]
        assert [one["email"] for one in api.control.state()["deleted"]] == ["ann@mail.test"]


class TestReads:
    @pytest.mark.req("REC-1")
    def test_fields_are_read_by_key(self, api: Caller) -> None:
        api.put(person("ann", **{OPT_IN: 1, "14": 167, "0": ["2", "1"]}))
        body = {"keyId": KEY, "keyValues": ["ann", "bo"], "fields": [EMAIL, OPT_IN, "14", "0", "1"]}
        found = api.done("POST", "/contact/getdata", body)
        (row,) = found["result"]
        assert row == {
            "id": str(FIRST_ID), "uid": api.contact("ann")["uid"], "3": "ann@mail.test", "31": "1", "14": "167",
            "0": ["1", "2"], "1": None,
        }  # fmt: skip
        assert [(one["key"], one["errorCode"]) for one in found["errors"]] == [("bo", 2008)]

    @pytest.mark.req("REC-1")
    def test_all_contacts_are_read_in_pages(self, api: Caller) -> None:
        api.put(*(person(f"p{place}") for place in range(5)), {KEY: "none"})
        pages = [
            api.done(
                "GET", "/contact/query/", **{"return": EMAIL, "limit": 3, "offset": offset, "excludeempty": "true"}
            )
            for offset in (0, 3)
        ]
        assert [one[EMAIL] for page in pages for one in page["result"]] == [f"p{place}@mail.test" for place in range(5)]

    @pytest.mark.req("REC-1")
    def test_a_query_looks_only_where_there_is_an_index(self, api: Caller) -> None:
        api.put(person("ann"), person("bo"))
        found = api.done("GET", "/contact/query/", **{"return": KEY, EMAIL: "BO@mail.test"})
        assert found["result"] == [{"id": str(FIRST_ID + 1), KEY: "bo"}]
        assert api.refused("GET", "/contact/query/", **{"return": EMAIL, "1": "Ann"}) == (400, 2015)
        assert api.refused("GET", "/contact/query/", **{"return": EMAIL, "limit": 10_001}) == (400, 2016)

    @pytest.mark.req("REC-1")
    def test_ids_are_found_one_by_one_or_several(self, api: Caller) -> None:
        api.put({KEY: "x", EMAIL: "two@mail.test"}, {KEY: "y", EMAIL: "two@mail.test"}, person("ann"))
        body = {"key_id": EMAIL, "external_ids": ["two@mail.test", "ann@mail.test", "no@mail.test"]}
        found = api.done("POST", "/contact/checkids", body)
        assert found["ids"] == {"ann@mail.test": str(FIRST_ID + 2)}
        assert {key: [*one] for key, one in found["errors"].items()} == {
            "two@mail.test": ["2010"], "no@mail.test": ["2008"],
        }  # fmt: skip
        several = api.done("POST", "/contact/checkids", {**body, "get_multiple_ids": True})
        assert several["ids"]["two@mail.test"] == [str(FIRST_ID), str(FIRST_ID + 1)]


class TestFieldsAndLists:
    @pytest.mark.req("ORD-4")
    def test_a_new_field_takes_values_but_is_no_key(self, api: Caller) -> None:
        made = api.done("POST", "/field", {"name": "Lifetime value", "application_type": "numeric"})["id"]
        shown = next(one for one in api.done("GET", "/field/translate/en") if one["id"] == made)
        assert shown["string_id"] == "lifetime_value"
        found = api.put(person("ann", **{str(made): "1234.50"}), person("bo", **{str(made): "much"}))
        assert [*found["errors"]["bo"]] == ["2007"]
        assert api.contact("ann")["fields"]["lifetime_value"] == "1234.50"
        assert api.refused("GET", "/contact/query/", **{"return": EMAIL, str(made): "1"}) == (400, 2015)

    @pytest.mark.req("ORD-4")
    def test_a_field_is_made_once_and_a_choice_field_never(self, api: Caller) -> None:
        api.done("POST", "/field", {"name": "Size", "application_type": "shorttext", "string_id": "size"})
        assert api.refused("POST", "/field", {"name": "Size", "application_type": "shorttext"}) == (400, 1008)
        assert api.refused("POST", "/field", {"name": "Kind", "application_type": "singlechoice"}) == (400, 1008)

    @pytest.mark.req("CUS-1")
    def test_choices_have_ids_that_are_not_their_positions(self, api: Caller) -> None:
        choices = {one["choice"]: one for one in api.done("GET", "/field/14/choice/translate/en")}
        assert (choices["Germany"]["id"], choices["Austria"]["id"]) == ("65", "10")
        assert choices["Germany"]["bit_position"] != "65"
        assert api.refused("GET", "/field/1/choice/translate/en") == (400, 2006)

    @pytest.mark.req("CUS-1")
    def test_lists_hold_contacts(self, api: Caller) -> None:
        api.put(person("ann"), person("bo"))
        made = api.done("POST", "/contactlist", {"name": "VIP", "key_id": KEY, "external_ids": ["ann", "zoe"]})
        assert [*made["errors"]] == ["zoe"]
        path = f"/contactlist/{made['id']}"
        assert api.done("POST", f"{path}/add", {"key_id": KEY, "external_ids": ["bo"]})["inserted_contacts"] == 1
        api.put(person("cy"), contact_list_id=made["id"])
        assert api.done("POST", f"{path}/delete", {"key_id": KEY, "external_ids": ["ann"]})["deleted_contacts"] == 1
        assert api.done("GET", path) == [str(FIRST_ID + 1), str(FIRST_ID + 2)]
        assert api.refused("GET", "/contactlist/7") == (404, 3006)
