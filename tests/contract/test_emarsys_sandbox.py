"""The Emarsys sandbox: who is let in, what answers look like, and how much may be asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from oauthlib.oauth2 import BackendApplicationClient  # type: ignore[import-untyped]
from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

from retail_sync.sandbox.host import settings_for

from .emarsys_account import CLIENT, SALES_HEADER, SECRET, Answer, Caller, account, fresh, person, wsse

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account(requests_a_minute=20) as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    yield fresh(_running)
    assert _running.control.log()["crashed"] == []


def signed(api: Caller, header: str) -> Answer:
    """A request by version 2 with a WSSE header."""
    found = requests.get(f"{api.url}/api/v2/event", headers={"X-WSSE": header}, timeout=10)
    return Answer(found.status_code, found.json(), found.headers)


class TestTokens:
    @pytest.mark.req("SEC-1")
    def test_a_standard_oauth_client_gets_a_token_that_is_let_in(
        self, api: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The client asks for HTTPS, which a sandbox does not speak.
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        client = OAuth2Session(client=BackendApplicationClient(CLIENT))
        token = client.fetch_token(f"{api.url}/oauth2/token", auth=(CLIENT, SECRET))
        assert (token["token_type"], token["expires_in"], token["access_token"].count(".")) == ("bearer", 3600, 2)
        assert client.get(f"{api.url}/api/v3/event").json()["replyCode"] == 0

    @pytest.mark.req("OPS-3")
    def test_a_wrong_secret_or_grant_gives_no_token(self, api: Caller) -> None:
        assert (api.token("guessed").status_code, api.token("guessed").json()) == (401, {"error": "invalid_client"})
        assert api.token(grant="password").json() == {"error": "unsupported_grant_type"}
        named = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        assert requests.post(f"{api.url}/oauth2/token", named, timeout=10).status_code == 401

    @pytest.mark.req("OPS-3")
    def test_a_token_gets_old(self, api: Caller) -> None:
        api.control.stand_at(NOW)
        api.log_in()
        api.control.stand_at(NOW + timedelta(seconds=3599))
        assert api.call("GET", "/event").status == 200
        api.control.stand_at(NOW + timedelta(seconds=3600))
        assert api.refused("GET", "/event") == (401, 1)

    @pytest.mark.req("OPS-3")
    def test_a_token_that_was_taken_back_stays_so_until_there_is_a_new_one(self, api: Caller) -> None:
        api.control.fault("token_expired")
        assert [api.refused("GET", "/event"), api.refused("GET", "/event")] == [(401, 1), (401, 1)]
        api.log_in()
        assert api.call("GET", "/event").status == 200

    @pytest.mark.req("OPS-3")
    def test_each_version_has_its_own_way_in(self, api: Caller) -> None:
        assert api.call("GET", "/event", version="v2").status == 401
        found = requests.get(f"{api.url}/api/v3/event", headers={"X-WSSE": wsse()}, timeout=10)
        assert (found.status_code, found.json()["replyText"]) == (401, "Credentials are invalid")


class TestSignatures:
    @pytest.mark.req("OPS-3")
    def test_the_known_vector_is_let_in(self, api: Caller) -> None:
        api.control.stand_at(datetime(2014, 3, 20, 12, 53, tzinfo=UTC))
        header = (
            'UsernameToken Username="shop001", '
            'PasswordDigest="YTM2ODM3NzY0YWQyYmMwZDYzNWU2MTg2MWNkMDQ0MDQ0ZTVkOWY2Ng==", '
            'Nonce="d36e316282959a9ed4c89851497a717f", Created="2014-03-20T12:51:45Z"'
        )
        assert signed(api, header).status == 200
        assert signed(api, header).status == 401, "a nonce is good once"

    @pytest.mark.req("OPS-3")
    @pytest.mark.parametrize(
        "header",
        [
            wsse("another secret"),
            wsse().replace('Username="shop001"', 'Username="shop002"'),
            wsse(names=("Username", "PasswordDigest", "Created")),
            "Bearer something",
        ],
    )
    def test_what_is_not_signed_is_refused(self, api: Caller, header: str) -> None:
        answer = signed(api, header)
        assert (answer.status, answer.code, answer.body["replyText"]) == (401, 1, "Credentials are invalid")

    @pytest.mark.req("OPS-3")
    def test_parts_come_in_any_order_and_case(self, api: Caller) -> None:
        assert signed(api, wsse(names=("username", "CREATED", "PasswordDigest", "nonce"))).status == 200

    @pytest.mark.req("OPS-3")
    @pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 200), (4, 200), (6, 401)])
    def test_the_clock_may_be_off_by_five_minutes(self, api: Caller, minutes: int, status: int) -> None:
        api.control.stand_at(NOW)
        answer = signed(api, wsse(created=(NOW + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")))
        assert answer.status == status
        assert status == 200 or answer.body["replyText"] == "Unauthorized Time frame is invalid"


class TestEnvelope:
    @pytest.mark.req("DAG-6")
    def test_json_is_called_html_and_carries_the_allowance(self, api: Caller) -> None:
        api.control.stand_at(NOW)
        api.log_in()
        headers = [api.call("GET", "/event").headers for _ in range(2)][1]
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert (headers["X-Ratelimit-Limit"], headers["X-Ratelimit-Remaining"]) == ("20", "18")
        assert int(headers["X-Ratelimit-Reset"]) == NOW.timestamp() + 60
        assert "retry-after" not in headers

    @pytest.mark.req("OPS-1")
    @pytest.mark.parametrize(
        ("content", "code"), [(b"{", 1010), (b"[]", 1001), (b'{"key_id": "3", "contacts": {}}', 2003)]
    )
    def test_a_body_that_can_not_be_understood(self, api: Caller, content: bytes, code: int) -> None:
        found = api.session.post(f"{api.url}/api/v3/contact", content, timeout=10)
        assert (found.status_code, found.json()["replyCode"], found.json()["data"]) == (400, code, "")

    @pytest.mark.req("OPS-1")
    def test_what_is_not_there(self, api: Caller) -> None:
        assert api.refused("POST", "/contact/last_change", {})[0] == 404
        assert api.refused("DELETE", "/contact") == (405, 1009)

    @pytest.mark.req("DAG-6")
    @pytest.mark.parametrize(("size", "status"), [(8_000_001, 413), (7_900_000, 200)])
    def test_a_write_of_contacts_has_a_largest_size(self, api: Caller, size: int, status: int) -> None:
        body = b'{"key_id": "3", "contacts": []' + b" " * (size - 31) + b"}"
        found = api.session.put(f"{api.url}/api/v3/contact/", body, timeout=10)
        assert (len(body), found.status_code) == (size, status)


class TestAllowance:
    @pytest.mark.req("DAG-6")
    def test_the_minute_s_requests_are_counted_and_come_back(self, api: Caller) -> None:
        api.control.stand_at(NOW)
        api.log_in()
        assert [api.call("GET", "/event").status for _ in range(21)] == [200] * 20 + [429]
        api.control.stand_at(NOW + timedelta(seconds=60))
        assert api.call("GET", "/event").status == 200

    @pytest.mark.req("DAG-6")
    def test_a_spent_quota_says_when_it_is_over(self, api: Caller) -> None:
        api.control.stand_at(NOW)
        api.log_in()
        api.control.fault("quota_spent", seconds=5)
        answer = api.call("PUT", "/contact", {"key_id": "3", "3": "ann@mail.test"})
        assert (answer.status, answer.code, answer.headers["X-Ratelimit-Remaining"]) == (429, 7003, "0")
        assert int(answer.headers["X-Ratelimit-Reset"]) == NOW.timestamp() + 5
        assert api.call("GET", "/event").status == 429
        api.control.stand_at(NOW + timedelta(seconds=5))
        assert api.call("GET", "/event").status == 200

    @pytest.mark.req("DAG-6")
    def test_a_lost_answer_leaves_what_was_done(self, api: Caller) -> None:
        api.control.fault("after_write_drop", endpoint="PUT /contact")
        with pytest.raises(requests.ConnectionError):
            api.put(person("ann"))
        assert api.contact("ann")["made_by"] == "api"


@pytest.mark.req("DAG-1")
def test_what_ends_of_pairs_name_is_there() -> None:
    ends: list[dict[str, Any]] = [
        {"key_field": "shop_id", "merchant": "M1", "event_ids": {"shipped": "77"}},
        {"event_ids": {"paid": 12}},
    ]
    with account(**settings_for("emarsys", ends)) as api:
        names = {one["string_id"] for one in api.done("GET", "/field")}
        assert {one["name"]: one["id"] for one in api.done("GET", "/event")} == {"shipped": "77", "paid": "12"}
        assert names >= {"shop_id", "retail_sync_id"}
        assert api.put({"shop_id": "ann"}, key="shop_id")["ids"]
        assert api.upload("sales-data", f"{SALES_HEADER}\n", merchant="M1")[0] == 200


@pytest.mark.req("OPS-3")
def test_an_endpoint_that_was_not_switched_on_is_forbidden_without_a_code() -> None:
    with account(permissions=("* /contact*", "GET /event")) as api:
        assert api.call("GET", "/event").status == 200
        answer = api.call("POST", "/event", {"name": "shipped"})
        assert (answer.status, answer.code) == (403, None)
        api.control.fault("permission_lost", endpoint="PUT /contact*", times=None)
        assert api.call("PUT", "/contact", {"3": "ann@mail.test"}).status == 403
        assert api.call("GET", "/event").status == 200
