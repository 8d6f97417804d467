"""The scripts of the study page in V8, as they are, in a fake browser."""

import json
from pathlib import Path

from hypothesis import settings
from py_mini_racer import MiniRacer

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "_assets"
SCRIPTS = [ASSETS / "ts-fsrs" / "ts-fsrs.umd.js"]
SCRIPTS += [ASSETS / "static" / "study" / f"{name}.js" for name in ("schedule", "storage", "progress")]
FAKE = Path(__file__).with_name("fake_browser.js")

PROPERTY = settings(deadline=None, derandomize=True, database=None)  # the same answer every time, on any machine

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
AGAIN, HARD, GOOD, EASY = RATINGS = 1, 2, 3, 4
LEARNING, REVIEW, RELEARNING = 1, 2, 3


class Engine:
    """V8 with the scripts loaded; left open, it would hang the end of the interpreter."""

    def __init__(self):
        self.v8 = MiniRacer()
        for path in (FAKE, *SCRIPTS):
            self.v8.eval(path.read_text(encoding="utf8"))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.v8.close()

    def run(self, function: str, *values):
        """What a function of JavaScript gives, through JSON both ways."""
        given = ", ".join(json.dumps(value) for value in values)
        text = self.v8.eval(f"JSON.stringify(({function})({given})) ?? 'null'")
        return json.loads(text)

    def schedule(self, name: str, *values):
        return self.run(f"Study.schedule.{name}", *values)


class Disk:
    """One browser's storage, and the tabs that share it."""

    def __init__(self, engine: Engine, items: dict[str, str] | None = None):
        self.engine = engine
        self.place = engine.run("(items) => disks.push(newDisk(items)) - 1", list((items or {}).items()))

    def tab(self, access: str = "object") -> "Tab":
        return Tab(self, self.engine.run(f"(access) => openTab({self}, access)", access))

    def __str__(self):
        return f"disks[{self.place}]"

    @property
    def items(self) -> dict[str, str]:
        return dict(self.engine.run(f"() => [...{self}.items]"))

    def put(self, key: str, text: str | None):
        """As another program would, behind the page's back."""
        change = f"{self}.items.delete(key)" if text is None else f"{self}.items.set(key, text)"
        self.engine.run(f"(key, text) => {{ {change}; {self}.events.push({{ key }}); }}", key, text)

    def leave_room(self, characters: int | None):
        """Storage for so many more characters; None is room for all."""
        room = "Infinity" if characters is None else f"used({self}) + {characters}"
        self.engine.run(f"() => {{ {self}.room = {room}; }}")

    def breaks(self):
        self.engine.run(f"() => {{ {self}.broken = true; }}")

    @property
    def writes(self) -> int:
        return self.engine.run(f"() => {self}.writes")

    def deliver(self):
        """The tabs hear of each other's writing."""
        self.engine.run(f"() => deliver({self})")


class Tab:
    def __init__(self, disk: Disk, place: int):
        self.disk, self.engine, self.place = disk, disk.engine, place

    def act(self, method: str, *values):
        return self.engine.run("act", self.place, method, *values)

    def see(self, name: str):
        return self.engine.run("see", self.place, name)

    def review(self, card: str, rating: int = GOOD, now: int = NOW) -> dict:
        return self.act("review", card, rating, now)

    def get(self, card: str) -> dict | None:
        return self.act("get", card)

    def counts(self, start: int = NOW - DAY, end: int = NOW + DAY) -> tuple[int, int]:
        counts = self.act("counts", start, end)
        return counts["new"], counts["reviews"]

    def export(self) -> str:
        return self.act("export")

    def read(self, text: str) -> dict:
        """Import a text; the counts, or the code and detail of the error."""
        return self.act("import", text)

    @property
    def records(self) -> dict[str, dict]:
        return {card: self.get(card) for card in self.act("ids")}

    @property
    def troubles(self) -> list:
        return self.engine.run(f"() => tabs[{self.place}].troubles")

    @property
    def heard(self) -> int:
        return self.engine.run(f"() => tabs[{self.place}].heard")
