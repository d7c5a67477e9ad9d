"""Everything the flow works with, plugged together by the composition root. Holds no state of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time

from bot import ids
from bot.actions import Action
from bot.anchors import AnchorBook, NoBook
from bot.budgets import Budgets
from bot.clocks import Clock
from bot.errors import BadInput
from bot.freezes import Brake, NoBrake
from bot.gauges import Gauges, NoGauges
from bot.instruments import Instruments, NoInstruments
from bot.mind import Chooser
from bot.plugs import NoPlugs, Plugs
from bot.rulebook import InForce, shipped
from bot.seals import NoSeals, Seals
from bot.secondfactor import Factors, NoFactors
from bot.speech import Tongues
from bot.store import Store
from bot.ways import NoWays, Ways
from bot.world import Chat, System


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """`chats` by platform, `systems` by name. `url` is where the web page answers, "" when there is none.
    `policy` gives the rules and budgets in force. `patience` is how many seconds a system may take over one deed before
    its outcome counts as unknown. `digest_at` is when, on the owner's wall clock, the ledger's head is told
    (None: never).
    `factors` reckons second factors; `seals` keeps secrets at rest; `plugs` connects
    systems at run time, and `ways` tells what chats and the model still need; `instruments` measure; `gauges` read
    numbers. `run` names this process. `awake` is false once it was stopped for so long that others may have taken over
    what it does: it makes no deed and sends no word then."""

    store: Store
    clock: Clock
    minds: Chooser
    chats: Mapping[str, Chat]
    systems: Mapping[str, System]
    tongues: Tongues
    url: str = ""
    patience: float = 60.0
    policy: InForce = shipped
    brake: Brake = field(default_factory=NoBrake)
    book: AnchorBook = field(default_factory=NoBook)
    digest_at: time | None = time(8)
    factors: Factors = field(default_factory=NoFactors)
    seals: Seals = field(default_factory=NoSeals)
    plugs: Plugs = field(default_factory=NoPlugs)
    ways: Ways = field(default_factory=NoWays)
    instruments: Instruments = field(default_factory=NoInstruments)
    gauges: Gauges = field(default_factory=NoGauges)
    run: str = field(default_factory=lambda: ids.new("run"))
    awake: Callable[[], bool] = _always

    @property
    def budgets(self) -> Budgets:
        """The limits in force."""
        return self.policy().budgets

    def actions(self) -> dict[str, Action]:
        """Every action of every connected system, by name."""
        return {action.name: action for system in self.systems.values() for action in system.actions()}

    def action(self, name: str) -> Action:
        """The action of that name. Raises BadInput when no connected system offers it."""
        system = self.systems.get(name.partition(".")[0])
        for action in system.actions() if system else ():
            if action.name == name:
                return action
        raise BadInput("no connected system offers “{name}”", name=name)

    def known(self, name: str) -> Action | None:
        """The same, None when nothing connected offers it any more."""
        try:
            return self.action(name)
        except BadInput:
            return None

    def system(self, name: str) -> System:
        """The system that offers the action `name`. Raises BadInput."""
        system = self.systems.get(name.partition(".")[0])
        if system is None:
            raise BadInput("no connected system offers “{name}”", name=name)
        return system
