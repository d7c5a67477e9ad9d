"""What must hold, written down a second time and as simply as possible: who may press what, and what is paid.

It shares no rule with the assistant. Requests are numbered by the reference on their card; time is in seconds.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

HOUR = 3600
CARD_LIVES = {"pay": 4 * HOUR, "tip": 24 * HOUR}
GRANT_LIVES = 24 * HOUR
GRANT_USES = 3
APPROVAL_LIVES = HOUR
TRIES = 8


@dataclass
class Request:
    """One request for a payment, as its newest card shows it."""

    to: str
    amount: int
    account: str
    requester: str
    expires: int
    seen: int
    """How often its target had changed when the card was drawn."""
    deed: str = "pay"
    revision: int = 1
    over: bool = False
    approved: int | None = None
    """When, while it has not been paid."""
    retry: int = 0
    attempts: int = 0
    spoilt: bool = False
    """Somebody changed the row of its deed behind the assistant's back."""
    cut: bool = False
    """The power failed before it was paid; a restart finds out."""


@dataclass
class Promise:
    """A standing permission: tips of one person to one target, up to an amount, for a day."""

    requester: str
    to: str
    most: int
    account: str
    giver: str
    until: int
    uses: int = GRANT_USES
    over: bool = False


@dataclass
class Reference:
    """The whole of it: roles, requests, permissions, the freeze, the clock, and what was paid."""

    roles: dict[str, str]
    account: str = "front"
    forbidden: bool = False
    frozen: bool = False
    now: int = 0
    changes: Counter[str] = field(default_factory=Counter[str])
    requests: dict[str, Request] = field(default_factory=dict[str, Request])
    paid: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    jotted: list[str] = field(default_factory=list[str])
    promises: list[Promise] = field(default_factory=list[Promise])

    def may_press(self, who: str) -> bool:
        return self.roles.get(who) in ("owner", "approver")

    def may_ask(self, who: str) -> bool:
        return self.roles.get(who) in ("owner", "approver", "member") and not self.frozen

    def busy(self) -> bool:
        """Whether anything is at stake now."""
        return any(self.open(each) or each.approved is not None for each in self.requests.values())

    def open(self, request: Request) -> bool:
        return not request.over and self.now < request.expires

    def heard(self, who: str, to: str, amount: int, deed: str = "pay") -> bool:
        """Whether it is looked at: not for guests, in a freeze, where it is forbidden, or a second time."""
        waiting = {
            (each.deed, each.to, each.amount, each.account)
            for each in self.requests.values()
            if self.open(each)
        }
        wanted = (deed, to, amount, self.account)
        return self.may_ask(who) and not self.forbidden and wanted not in waiting

    def asks(self, who: str, to: str, amount: int, deed: str = "pay") -> bool:
        """Whether a card appears: it is looked at, and no permission covers it. What one covers is paid."""
        if not self.heard(who, to, amount, deed):
            return False
        promise = next((each for each in self.promises if self.covers(each, who, to, amount)), None)
        if deed != "tip" or promise is None:
            return True
        promise.uses -= 1
        self.paid.append((to, amount, self.account))
        return False

    def covers(self, promise: Promise, who: str, to: str, amount: int) -> bool:
        return (
            (promise.requester, promise.to, promise.account) == (who, to, self.account)
            and amount <= promise.most
            and promise.uses > 0
            and self.now < promise.until
            and not promise.over
            and self.may_press(promise.giver)
        )

    def withdraw(self, who: str, number: int) -> None:
        promise = self.promises[number - 1]
        named = who in (promise.giver, promise.requester) and self.roles.get(who, "guest") != "guest"
        promise.over |= named or self.may_press(who)

    def request(self, who: str, to: str, amount: int, deed: str = "pay") -> Request:
        expires, seen = self.now + CARD_LIVES[deed], self.changes[to]
        return Request(
            to=to, amount=amount, account=self.account, requester=who, expires=expires, seen=seen, deed=deed
        )

    def counts(self, request: Request, *, revision: int, right_spot: bool) -> bool:
        return self.open(request) and revision == request.revision and right_spot

    def approve(self, who: str, request: Request, *, revision: int, right_spot: bool) -> None:
        valid = self.counts(request, revision=revision, right_spot=right_spot)
        if valid and self.may_press(who) and not self.frozen:
            request.over, request.approved = True, self.now

    def deny(self, who: str, request: Request, *, revision: int, right_spot: bool) -> None:
        valid = self.counts(request, revision=revision, right_spot=right_spot)
        request.over |= valid and (self.may_press(who) or who == request.requester)

    def edit(self, who: str, request: Request, *, revision: int, amount: int) -> None:
        valid = self.counts(request, revision=revision, right_spot=True)
        if valid and self.may_press(who) and amount != request.amount:
            request.amount, request.seen = amount, self.changes[request.to]
            request.revision += 1

    def freeze(self) -> None:
        self.frozen = True
        for request in self.requests.values():
            request.over, request.approved = True, None

    def waiting(self) -> list[tuple[str, Request]]:
        """Approved and to be paid now."""
        found = self.requests.items()
        return [(ref, each) for ref, each in found if each.approved is not None and each.retry <= self.now]

    def may_run(self, request: Request) -> bool:
        """What is checked again at the last moment."""
        assert request.approved is not None
        return (
            not self.frozen
            and not self.forbidden
            and not request.spoilt
            and self.now < request.approved + APPROVAL_LIVES
            and request.account == self.account
            and self.roles.get(request.requester) != "guest"
        )

    def pay(self, request: Request) -> None:
        self.paid.append((request.to, request.amount, request.account))
        request.approved, request.cut = None, False

    def put_off(self, request: Request) -> None:
        """The till was away: tried again for as long as the approval lives."""
        assert request.approved is not None
        request.attempts += 1
        request.retry = self.now + 2**request.attempts
        if request.attempts >= TRIES or request.retry >= request.approved + APPROVAL_LIVES:
            request.approved = None

    def work(self) -> list[Request]:
        """Whatever waits is paid, or is not; returns the requests that are made anew because their target
        changed under the card."""
        anew: list[Request] = []
        for _, request in self.waiting():
            if request.account != self.account:
                request.approved = None  # another account is not even looked at
            elif request.seen != self.changes[request.to]:
                request.approved = None
                fresh = self.request(request.requester, request.to, request.amount, request.deed)
                anew.append(replace(fresh, account=request.account))
            elif self.may_run(request):
                self.pay(request)
            else:
                request.approved = None
        return anew

    def restart(self) -> None:
        """What the power cut short is done now, unless it is frozen or another account is connected."""
        for request in self.requests.values():
            if request.cut and not self.frozen and request.account == self.account:
                self.pay(request)
            request.cut = False
