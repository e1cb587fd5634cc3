"""Reading all rows to a question, and knowing that they were all.

Pages are cut by id, which no edit changes, and the window is closed: a row that is edited meanwhile leaves it, and none
comes in. So the rows that are left to the question at the end must all have been seen, which their count tells: a page
that was short or empty for another reason is never taken for the last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from retail_sync.errors import IncompleteReadError
from retail_sync.vendors.fulfil.client import FulfilClient, Question, Rows
from retail_sync.vendors.fulfil.domains import among, both


def pages(client: FulfilClient, question: Question, size: int) -> Iterator[Rows]:
    """Every page of a question, by id, the first one even if it is empty.

    A row that comes twice is told twice; those who count duplicates see it.

    Args:
        client: The account.
        question: What is asked for.
        size: Rows per page.

    Raises:
        IncompleteReadError: A page brought nothing new, or nothing, though there is more.
    """
    last = seen = 0
    while True:
        page = client.read(question, size, last)
        new = {number for number in page.ids if number > last}
        if page.rows and not new:
            raise _incomplete(question, "a page repeats another one")
        if page.rows or not last:
            yield page
        seen += len(new)
        last = max(new, default=last)
        if len(page.rows) >= size and new:
            continue
        if seen >= (left := client.count(question)):
            return
        if not new:
            raise _incomplete(question, f"{seen} rows came where {left} are")


def by_ids(client: FulfilClient, question: Question, ids: Sequence[int], at_once: int, size: int) -> Iterator[Rows]:
    """The rows of these ids, so many in a request. What does not come is asked for once more, and then not there.

    Args:
        client: The account.
        question: What is asked of them.
        ids: Their ids.
        at_once: How many ids a request names.
        size: The most rows that a page holds.
    """
    step = min(at_once, size)
    for start in range(0, len(ids), step):
        wanted = list(dict.fromkeys(ids[start : start + step]))
        page = _named(client, question, wanted, size)
        yield page
        if missing := sorted(set(wanted).difference(page.ids)):
            yield _named(client, question, missing, size)


def _named(client: FulfilClient, question: Question, ids: Sequence[int], size: int) -> Rows:
    return client.read(replace(question, domain=both(among("id", ids), question.domain)), size)


def _incomplete(question: Question, what: str) -> IncompleteReadError:
    return IncompleteReadError(
        f"{question.model} was not read whole: {what}",
        fix="Run again. If it stays, tell Fulfil, and keep the log of the run.",
    )
