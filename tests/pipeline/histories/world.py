"""Many people live in one world at once, and the pair runs between their doings, and is cut off in the middle."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from retail_sync.db.database import Database
from retail_sync.pairs.config import Pair
from retail_sync.steps.context import Road
from retail_sync.steps.notice import notice
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of
from retail_sync.steps.requests import Dag, RunRequest
from tests.unit.memory_shop import PAIR, Hands, no_connections

from .cuts import POINTS, power_cut_at
from .ends import SIGHTS, Platform, Till
from .lives import Life, by_record
from .model import End, objections

#: Rows are not judged: no rule touches consent, and judging takes longer than all the rest.
STEPS: dict[Dag, tuple[str, ...]] = {
    "live": ("extract:customers", "extract:orders", "seal", "plan", "load"),
    "consent": ("consent",),
}
DOINGS = ("yes", "yes", "no", "edit", "buy", "leave", "leave", "bounce", "import", "form", "away")
DAGS: tuple[Dag, ...] = ("live", "consent")


@dataclass(frozen=True)
class Rules:
    """The rules of a pair, the platform that it feeds, and how wrong the clocks are, in hours."""

    applies: bool = False
    reverts: bool = False
    double_opt_in: bool = False
    platform: str = "mailchimp"
    shop_skew: float = 0
    platform_skew: float = 0


class World:
    """A shop, a platform and a pair between them, with so many people."""

    def __init__(self, database: Database, rules: Rules, seed: int, people: int) -> None:
        self.chance = random.Random(seed)
        self.rules, self.clock = rules, Hands()
        self.lives = [
            Life(f"p{number}@mail.test", [f"{number}-{place}" for place in range(self.chance.choice((1, 1, 2)))])
            for number in range(people)
        ]
        shop_skew, platform_skew = timedelta(hours=rules.shop_skew), timedelta(hours=rules.platform_skew)
        self.till = Till(self.clock, shop_skew, by_record(self.lives), self.chance)
        lives = {life.email: life for life in self.lives}
        newcomer = "pending" if rules.double_opt_in else "subscribed"
        self.sight = SIGHTS[rules.platform]
        self.platform = Platform(self.clock, platform_skew, lives, newcomer, lambda: self.happen(5), self.sight)
        self.road = self._road(database)
        self._runs = 0
        for life in self.chance.sample(self.lives, people // 4):
            self._live_before(life)

    def _road(self, database: Database) -> Road:
        consent = {
            "source_opt_out": "apply" if self.rules.applies else "raise",
            "resubscribed": "revert" if self.rules.reverts else "raise",
            "double_opt_in": self.rules.double_opt_in,
        }
        streams = {"customers": {"overlap": "6h"}, "orders": {}}
        road = Road(
            Pair.model_validate(PAIR | {"consent": consent, "streams": streams}), database, no_connections, self.clock
        )
        road.__dict__.update(source=self.till, destination=self.platform)
        return road

    # What people do.

    def _live_before(self, life: Life) -> None:
        """Somebody came to the platform by its own form, before there was a pair, and did not always stay."""
        self.platform.signs_up(life.email)
        match self.chance.choice(("stay", "leave", "bounce", "away")):
            case "leave":
                self.platform.become(life.email, "left", "unsubscribed")
            case "bounce" if self.sight.bounces:
                self.platform.become(life.email, "bounced", "cleaned")
            case "away" if self.sight.archives:
                self.platform.become(life.email, "archived", "archived")

    def happen(self, doings: int) -> None:
        """So many things happen to people taken by chance, one after the other."""
        for _ in range(doings):
            self.clock.on(seconds=self.chance.choice((1, 1, 20, 300)) / 10)
            self._happen_to(self.chance.choice(self.lives))

    def _happen_to(self, life: Life) -> None:
        record = self.chance.choice(life.records)
        contact = self.platform.held.get(life.email)
        status = contact.status if contact else None
        match self.chance.choice(DOINGS):
            case "yes" if not life.says_yes(record):
                self.till.say(record, "yes")
            case "no" if record in self.till.held and life.says_yes(record):
                self.till.say(record, "no")
            case "edit":
                self.till.rename(record)
            case "buy":
                self.till.bought[life.email] = self.clock()
            case "leave" if status in {"subscribed", "pending"}:
                self.platform.become(life.email, "left", "unsubscribed")
            case "bounce" if self._may_bounce(status):
                self.platform.become(life.email, "bounced", "cleaned")
            case "import" if status in {"unsubscribed", "cleaned", "archived"}:
                self.platform.become(life.email, "imported", "subscribed")
            case "form" if self.chance.random() < 0.6:
                self.platform.signs_up(life.email)
            case "away" if status and self.chance.random() < 0.5:
                self._go_away(life)

    def _may_bounce(self, status: str | None) -> bool:
        return self.sight.bounces and status in {"subscribed", "transactional"} and self.chance.random() < 0.5

    def _go_away(self, life: Life) -> None:
        """A contact is put away or deleted, as the platform can; one that forgets takes only whom the pair has seen."""
        if self.sight.archives and self.chance.random() < 0.5:
            self.platform.become(life.email, "archived", "archived")
        elif self.sight.deletes and (not self.sight.forgets or self._is_seen(life)):
            self.platform.delete(life.email)

    def _is_seen(self, life: Life) -> bool:
        return life.seen_out or life.last("created") is not None

    # What the pair does.

    def work(self, monkeypatch: pytest.MonkeyPatch, *, cut: bool) -> None:
        """A live and a consent run in either order; where they are cut off, they are cleared and run again."""
        for dag in self.chance.sample(DAGS, 2):
            if cut and self.chance.random() < 0.5:
                point = f"{self.chance.choice(POINTS)}:{self.chance.choice((1, 1, 2))}"
                with power_cut_at(monkeypatch, point):
                    self._run(dag)
                self._bury()
                if self.chance.random() < 0.5:
                    self.happen(10)
            self._run(dag)

    def _run(self, dag: Dag) -> None:
        self._runs += 1
        run_id = f"run{self._runs}"
        self.clock.on(minutes=2)
        open_run(self.road, run_id, RunRequest(dag=dag))
        for step in STEPS[dag]:
            perform(self.road, run_id, step, function_of(step))

    def _bury(self) -> None:
        """The workers of a process that is no more; here they share ours, which lives on."""
        with self.road.database.connection() as connection:
            connection.execute("update delivery.worker set expires_at = '-infinity'")

    def rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing happens any more, and the pair has time to settle."""
        self.platform.meanwhile = lambda: None
        for _ in range(4):
            self.clock.on(hours=5)
            self.work(monkeypatch, cut=False)
        notice(self.road, f"run{self._runs}")

    # What it has come to.

    def objections(self) -> list[str]:
        """Everything that the model objects to."""
        with self.road.database.connection() as connection:
            raised = connection.execute("select subject, record from exceptions.entry where closed_at is null")
            return list(self._objections(set(raised.fetchall())))

    def _objections(self, raised: set[tuple[str, str]]) -> Iterator[str]:
        for life in self.lives:
            contact = self.platform.held.get(life.email)
            end = End(
                status=contact.status if contact else None,
                ticked=[record for record in life.records if life.says_yes(record)],
                raised=raised,
                applies=self.rules.applies,
                reverts=self.rules.reverts and self.sight.shows_yes,
            )
            yield from objections(life, end)


def live(database: Database, monkeypatch: pytest.MonkeyPatch, rules: Rules, seed: int, people: int) -> World:
    """A world in which everybody has lived and all has come to rest."""
    world = World(database, rules, seed, people)
    world.happen(2 * people)
    for _ in range(6):
        world.work(monkeypatch, cut=True)
        world.happen(people // 2)
        world.clock.on(minutes=world.chance.choice((1, 10, 60, 600)))
    world.rest(monkeypatch)
    return world
