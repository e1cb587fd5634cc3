"""The interface as a person uses it, in a real browser: sign in, start a run by its form, look at data quality.

In this order; the last test looks at everything that the browser has asked for meanwhile.
"""

from __future__ import annotations

import pytest

from tests.airflow.pair_files import PAIR
from tests.airflow.up_process import Up

from .chromium import Browser

#: Runs on all of Airflow take a minute on a quiet machine and many on a busy one.
pytestmark = pytest.mark.timeout(1800)
#: The document inside the frame in which Airflow shows a plugin's pages.
FRAME = "document.querySelector('iframe').contentDocument"


def styled(tab: Browser, selector: str, attribute: str) -> str:
    """A computed style of an element inside the frame."""
    return str(tab.value(f"getComputedStyle({FRAME}.querySelector({selector!r})).{attribute}"))


def names(up: Up) -> set[str]:
    """The ids of all runs of the pair."""
    return {run["dag_run_id"] for run in up.runs(PAIR)}


@pytest.mark.req("DAG-3")
def test_a_run_is_started_with_its_form(up: Up, tab: Browser) -> None:
    before = names(up)
    tab.go(f"{up.url}/dags/{PAIR}")
    tab.click("document.querySelector('[data-testid=trigger-dag-button]')")
    tab.wait("document.querySelectorAll('input[name=element_streams]').length === 6")
    tab.click("document.querySelector('input[name=element_full_refresh]')")
    tab.wait("document.querySelector('input[name=element_full_refresh]').checked")
    tab.picture("form")
    tab.click("document.querySelector('[data-testid=trigger-dag-submit]')")
    (run_id,) = up.wait(lambda: names(up) - before)
    (run,) = (run for run in up.runs(PAIR) if run["dag_run_id"] == run_id)
    assert run["conf"]["full_refresh"] is True
    assert up.finish(PAIR, run_id) == "success"
    tab.go(f"{up.url}/dags/{PAIR}/runs/{run_id}")
    tab.wait("document.body.innerText.includes('Success')")
    tab.picture("run")


@pytest.mark.req("QUA-2")
def test_data_quality_opens_inside_the_interface_from_its_menu(up: Up, tab: Browser) -> None:
    tab.go(up.url)
    tab.click("[...document.querySelectorAll('button')].find(button => button.ariaLabel === 'Browse')")
    tab.click("[...document.querySelectorAll('a')].find(link => link.innerText.trim() === 'Data quality')")
    tab.wait(f"{FRAME}.querySelector('h1').innerText === 'Data quality'")
    tab.wait(f"{FRAME}.readyState === 'complete'")
    tab.picture("data_quality")
    assert tab.value(f"{FRAME}.querySelectorAll('a[href*=\"/docs/validations/\"]').length") >= 4
    assert styled(tab, "nav", "display") == "flex"
    assert styled(tab, ".number", "textAlign") == "right"


@pytest.mark.req("QUA-2")
def test_a_validation_is_styled_and_its_scripts_run(up: Up, tab: Browser) -> None:
    tab.click(f"{FRAME}.querySelector('a[href*=\"/docs/validations/\"]')")
    tab.wait(f"{FRAME}.location.pathname.includes('/docs/validations/') && {FRAME}.readyState === 'complete'")
    tab.wait(f"{FRAME}.querySelector('.fixed-table-container')")
    tab.picture("validation")
    assert styled(tab, ".alert, .list-group-item, .card", "borderTopLeftRadius") != "0px"
    assert "Font Awesome" in styled(tab, "i.fas, i.fa", "fontFamily")
    tab.wait(f"{FRAME}.fonts.status === 'loaded'")


@pytest.mark.req("QUA-2")
def test_the_tab_of_a_run_shows_what_was_validated(up: Up, tab: Browser) -> None:
    # It brought the whole shop.
    (run,) = up.runs(PAIR, run_type="scheduled")
    tab.go(f"{up.url}/dags/{PAIR}/runs/{run['dag_run_id']}")
    tab.click("[...document.querySelectorAll('a')].find(link => link.innerText.trim() === 'Data quality')")
    tab.wait(f"{FRAME}.querySelector('h1').innerText.startsWith('{PAIR}')")
    tab.picture("run_data_quality")
    assert run["dag_run_id"] in tab.value(f"{FRAME}.body.innerText")
    assert tab.value(f"{FRAME}.querySelectorAll('a[href*=\"/docs/validations/\"]').length") >= 4


@pytest.mark.req("OPS-1")
def test_exceptions_can_be_chosen_by_owner(up: Up, tab: Browser) -> None:
    tab.go(f"{up.url}/plugin/exceptions")
    tab.wait(f"{FRAME}.querySelector('select[name=owner]')")
    tab.value(f"{FRAME}.querySelector('select[name=owner]').value = 'cx'")
    tab.click(f"{FRAME}.querySelector('form button')")
    tab.wait(f"{FRAME}.location.search.includes('owner=cx') && {FRAME}.querySelector('table')")
    tab.picture("exceptions")


@pytest.mark.req("QUA-2", "SEC-1")
def test_no_request_has_left_the_machine_and_none_of_ours_was_refused(tab: Browser) -> None:
    assert tab.hosts() == {"127.0.0.1"}
    assert [answer for answer in tab.refused if "/retail-sync/" in answer] == []
    assert [words for words in tab.complaints if "Content Security Policy" in words] == []
