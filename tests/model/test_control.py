"""Whatever people, clock, faults and a meddler do, and in whatever order: what is paid is what the model allows.

Hypothesis chooses the steps; after each, the payments that reached the till and the cards that can still be
pressed are those of `tests.model.reference`, no more and no fewer.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import ledger
from bot.actions import Call, Preview
from bot.cards import Card
from bot.effects import Authority, Effect, Run
from bot.events import Body, Form, Message, Press, Verb
from bot.people import Role, Standing
from bot.proposals import State
from bot.store import Tx
from tests.model.reference import APPROVAL_LIVES, GRANT_LIVES, Promise, Reference, Request
from tests.model.room import CLOSED, ELSEWHERE, HERE, OPEN, PEOPLE, Room, identity
from tests.model.till import Mishap
from tests.twins.crash import PowerCut

Shown = tuple[str, int, str]
"""A card as it was once seen: reference, revision, id of its message."""

somebody = st.sampled_from(["olivia", "ann", "mark", "olivia", "ann", "mark", "gus", "nobody"])
members = st.sampled_from(["olivia", "ann", "mark"])
pressers = st.sampled_from(["olivia", "olivia", "ann", "ann", "mark", "nobody"])
targets = st.sampled_from(["rent", "wages"])
amounts = st.integers(min_value=5, max_value=12)
spots = st.sampled_from(["there", "there", "there", "unsaid", "elsewhere", "another message"])
which = st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8, 13])
"""Counted from the newest."""
OFFER = "Allow in advance"
PAYING = ("till.pay", "till.tip")
verbs = st.sampled_from([Verb.APPROVE, Verb.APPROVE, Verb.APPROVE, Verb.DENY])

turns_of_fate = st.sampled_from(
    ["", "", "", "", "", "", "row", "account", "policy", "late", "target", "freeze", "forgery"]
)


class Control(RuleBasedStateMachine):
    """The assistant and the model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        self.model = Reference(roles={name: role.value for name, role in PEOPLE.items()})
        self.shown: list[Shown] = []
        self.expected: list[Request] = []
        self.sent: list[tuple[str, Body, bool]] = []
        self.start = self.room.clock.now()

    def teardown(self) -> None:
        try:
            self.books()
        finally:
            self.room.close()

    # What people do -----------------------------------------------------------------------------------------

    @rule(who=somebody, to=targets, amount=amounts)
    def asks(self, who: str, to: str, amount: int, deed: str = "pay") -> None:
        if self.model.asks(who, to, amount, deed):
            self.expected.append(self.model.request(who, to, amount, deed))
        self.says(who, f"do till.{deed} to={to} amount={amount}")

    @rule(who=members, to=targets, amount=amounts)
    def tips(self, who: str, to: str, amount: int) -> None:
        self.asks(who, to, amount, "tip")

    @rule(who=members, to=targets, amount=amounts, giver=st.sampled_from(["olivia", "ann", "mark"]))
    def allows_in_advance(self, who: str, to: str, amount: int, giver: str) -> None:
        """Somebody asks for a tip, and on its card somebody presses Always and then the offer."""
        assume(len(self.model.promises) < 4)
        assume(not self.model.frozen)
        before = len(self.shown)
        self.asks(who, to, amount, "tip")
        self.meet()
        if len(self.shown) == before:
            return
        ref, revision, message = self.shown[-1]
        wish = Press(
            who=identity(giver),
            ref=ref,
            revision=revision,
            verb=Verb.ALWAYS,
            message=message,
            standing=Standing.MEMBER,
        )
        self.arrives(wish)
        offers = [
            sent
            for sent in self.room.chat.messages.values()
            if isinstance(sent.content, Card) and sent.content.title == OFFER and sent.content.buttons
        ]
        assert len(offers) == self.model.may_press(giver)
        for sent in offers:
            assert isinstance(sent.content, Card)
            yes = replace(wish, ref=sent.content.ref, revision=1, verb=Verb.APPROVE, message=sent.ref)
            self.arrives(yes)
            self.works(workers=1)
            until = self.model.now + GRANT_LIVES
            account = self.model.account
            self.model.promises.append(
                Promise(requester=who, to=to, most=amount, account=account, giver=giver, until=until)
            )

    @rule(who=somebody, n=which)
    @precondition(lambda self: self.model.promises)
    def withdraws(self, who: str, n: int) -> None:
        number = 1 + n % len(self.model.promises)
        self.model.withdraw(who, number)
        self.says(who, f"withdraw {number}")

    @rule(n=which, label=st.sampled_from(["front", "back"]))
    @precondition(lambda self: self.model.promises)
    def the_same_tip_is_asked_for_on_some_account(self, n: int, label: str) -> None:
        self.another_account_is_connected(label)
        promise = self.model.promises[n % len(self.model.promises)]
        self.asks(promise.requester, promise.to, promise.most, "tip")

    @rule(n=which, short_by=st.sampled_from([0, 1]))
    @precondition(lambda self: self.model.promises)
    def time_comes_to_the_end_of_a_permission(self, n: int, short_by: int) -> None:
        promise = self.model.promises[n % len(self.model.promises)]
        self.forward(max(promise.until - short_by - self.model.now, 0))
        self.asks(promise.requester, promise.to, promise.most, "tip")

    @rule(who=somebody)
    def jots(self, who: str) -> None:
        text = f"n{len(self.sent)}"
        if self.model.may_ask(who) and not self.model.forbidden:
            self.model.jotted.append(text)
        self.says(who, f"do till.jot text={text}")

    @rule(who=members, to=targets, amount=amounts, presser=pressers, verb=verbs, then=turns_of_fate)
    def asks_and_somebody_presses(
        self, who: str, to: str, amount: int, presser: str, verb: Verb, then: str
    ) -> None:
        """The usual way, and what may come between the press and the deed."""
        before = len(self.shown)
        self.asks(who, to, amount)
        self.meet()
        if len(self.shown) == before:
            return
        self.presses(0, presser, verb, "there")
        match then:
            case "row":
                if self.model.waiting():
                    self.a_row_is_changed_after_the_press(0, thorough=True)
            case "account":
                self.another_account_is_connected("back" if self.model.account == "front" else "front")
            case "policy":
                self.the_policy_is_edited(closed=True)
            case "late":
                self.forward(APPROVAL_LIVES)
            case "target":
                self.the_target_changes(to)
            case "freeze":
                self.freezes("mark")
            case "forgery":
                if self.model.requests[self.shown[-1][0]].over:
                    self.a_deed_is_forged(0)
            case _:
                pass
        self.works(workers=2)
        if then == "policy":
            self.the_policy_is_edited(closed=False)
        if then == "freeze" and self.model.frozen:
            self.unfreezes("olivia")

    @rule(n=which, who=somebody, verb=verbs, spot=spots)
    @precondition(lambda self: self.shown)
    def presses(self, n: int, who: str, verb: Verb, spot: str) -> None:
        ref, revision, message = self.shown[-1 - n % len(self.shown)]
        right = spot in ("there", "unsaid")
        settle = self.model.approve if verb is Verb.APPROVE else self.model.deny
        settle(who, self.model.requests[ref], revision=revision, right_spot=right)
        said = {"there": message, "elsewhere": message, "unsaid": "", "another message": "m0"}[spot]
        press = Press(
            who=identity(who),
            ref=ref,
            revision=revision,
            verb=verb,
            message=said,
            standing=Standing.MEMBER,
        )
        self.arrives(press, elsewhere=spot == "elsewhere")

    @rule(who=somebody)
    def presses_what_nobody_offered(self, who: str) -> None:
        press = Press(
            who=identity(who), ref="x" * 22, revision=1, verb=Verb.APPROVE, standing=Standing.MEMBER
        )
        self.arrives(press)

    @rule(n=which, who=somebody, amount=amounts)
    @precondition(lambda self: self.shown)
    def edits(self, n: int, who: str, amount: int) -> None:
        ref, revision, _ = self.shown[-1 - n % len(self.shown)]
        request = self.model.requests[ref]
        assume(self.model.roles[request.requester] != "guest")
        assume(not self.model.forbidden)
        self.model.edit(who, request, revision=revision, amount=amount)
        values = {"to": request.to, "amount": str(amount)}
        standing = Standing.MEMBER
        self.arrives(Form(who=identity(who), ref=ref, revision=revision, values=values, standing=standing))

    @rule(n=which)
    @precondition(lambda self: self.sent)
    def the_platform_delivers_again(self, n: int) -> None:
        key, body, elsewhere = self.sent[-1 - n % len(self.sent)]
        self.room.arrive(key, body, place=ELSEWHERE if elsewhere else HERE)

    @rule(who=st.sampled_from(["ann", "mark", "gus"]), role=st.sampled_from(["approver", "member", "guest"]))
    def gets_another_role(self, who: str, role: str) -> None:
        self.model.roles[who] = role

        def change(tx: Tx) -> None:
            person = tx.people.get(f"per_{who}")
            assert person is not None
            tx.people.put(replace(person, role=Role(role)))

        self.room.write(change)

    @rule(who=somebody)
    @precondition(lambda self: self.model.busy())
    def freezes(self, who: str) -> None:
        if self.model.roles.get(who, "guest") != "guest":
            self.model.freeze()
        self.says(who, "freeze")

    @rule(who=st.sampled_from(["olivia", "olivia", "ann", "mark"]))
    @precondition(lambda self: self.model.frozen)
    def unfreezes(self, who: str) -> None:
        if self.model.roles.get(who) == "owner":
            self.model.frozen = False
        self.says(who, "unfreeze")

    # What the world does ------------------------------------------------------------------------------------

    @rule(workers=st.sampled_from([1, 1, 2]))
    def works(self, workers: int) -> None:
        self.expected += self.model.work()
        self.room.work(workers=workers)

    @rule(mishap=st.sampled_from(list(Mishap)))
    @precondition(lambda self: len(self.model.waiting()) == 1)
    def works_with_a_mishap(self, mishap: Mishap) -> None:
        [(_, request)] = self.model.waiting()
        assume(self.model.may_run(request))
        assume(request.seen == self.model.changes[request.to])
        self.room.till.mishap = mishap
        if mishap is Mishap.AWAY:
            self.model.put_off(request)
        elif mishap is Mishap.CUT_BEFORE:
            request.approved, request.cut = None, True
        else:
            self.model.pay(request)
        with suppress(PowerCut):
            self.room.work()

    @rule()
    def restarts(self) -> None:
        self.model.restart()
        self.room.restart()

    @rule(by=st.sampled_from([1, 60, 1800, 3600]))
    def time_passes(self, by: int) -> None:
        self.forward(by)

    @rule(short_by=st.sampled_from([0, 0, 1]), n=which)
    def time_comes_to_a_deadline(self, short_by: int, n: int) -> None:
        requests = self.model.requests.values()
        deadlines = [each.expires for each in requests if self.model.open(each)]
        deadlines += [each.approved + APPROVAL_LIVES for each in requests if each.approved is not None]
        assume(deadlines)
        self.forward(max(deadlines[n % len(deadlines)] - short_by - self.model.now, 0))

    @rule()
    def the_clock_sweeps(self) -> None:
        self.room.sweep()

    @rule(to=targets)
    def the_target_changes(self, to: str) -> None:
        self.model.changes[to] += 1
        self.room.till.versions[to] += 1

    @rule(label=st.sampled_from(["front", "back"]))
    def another_account_is_connected(self, label: str) -> None:
        self.model.account = self.room.till.label = label

    @rule(closed=st.booleans())
    @precondition(lambda self: self.model.forbidden or self.model.busy())
    def the_policy_is_edited(self, closed: bool) -> None:
        self.model.forbidden = closed
        self.room.policy = CLOSED if closed else OPEN

    # What a meddler does ------------------------------------------------------------------------------------

    @rule(n=which, thorough=st.booleans())
    @precondition(lambda self: self.model.waiting())
    def a_row_is_changed_after_the_press(self, n: int, thorough: bool) -> None:
        """The arguments of an approved deed, and with them the digest it carries, are not what was approved."""
        waiting = self.model.waiting()
        ref, request = waiting[n % len(waiting)]
        request.spoilt = True

        def change(tx: Tx) -> None:
            proposal = tx.proposals.by_ref(ref)
            before = tx.effects.get(proposal.effect) if proposal else None
            assert before is not None
            assert isinstance(before.deed, Run)
            call = replace(before.deed.call, arguments={**before.deed.call.arguments, "amount": 1000})
            authority = before.deed.authority
            authority = replace(authority, digest=call.digest) if thorough else authority
            assert tx.effects.swap(
                before, replace(before, deed=replace(before.deed, call=call, authority=authority))
            )

        self.room.write(change)

    @rule(n=which)
    @precondition(lambda self: self.shown)
    def a_deed_is_forged(self, n: int) -> None:
        """A deed stands in the table that names a settled request nobody approved, or none at all."""
        ref = self.shown[-1 - n % len(self.shown)][0]
        request = self.model.requests[ref]
        assume(request.over)

        def forge(tx: Tx) -> None:
            proposal = tx.proposals.by_ref(ref)
            assert proposal is not None
            named = "" if proposal.state is State.APPROVED else proposal.id
            tx.effects.add(
                Effect(
                    id=proposal.effect if named else f"eff_forged_{len(self.sent)}",
                    space=tx.space,
                    place=HERE.key,
                    deed=Run(
                        call=proposal.call,
                        authority=_forged(proposal.call, named, self.room),
                        version=Preview(subject=request.to, version=str(self.model.changes[request.to])).seen,
                    ),
                    person=proposal.requester,
                    due=self.room.clock.now(),
                )
            )

        self.room.write(forge)
        self.works(workers=1)

    # What must hold -----------------------------------------------------------------------------------------

    @invariant()
    def what_is_done_is_what_is_allowed(self) -> None:
        assert Counter(self.room.till.paid) == Counter(self.model.paid)
        assert self.room.till.jotted == self.model.jotted

    @invariant()
    def the_cards_that_can_be_pressed_are_those_that_should(self) -> None:
        self.meet()
        now = self.room.clock.now()
        found = {
            each.ref: (each.revision, each.call.arguments["to"], each.call.arguments["amount"])
            for each in self.room.read(lambda tx: tx.proposals.pending())
            if each.open_at(now)
        }
        wanted = {
            ref: (each.revision, each.to, each.amount)
            for ref, each in self.model.requests.items()
            if self.model.open(each)
        }
        assert found == wanted

    def books(self) -> None:
        """The ledger holds, and knows each payment that has come to its end."""
        entries = self.room.read(lambda tx: tx.ledger.read())
        assert ledger.verify(entries).holds
        confirmed = [e for e in entries if e.kind == "confirmed" and e.body["action"] in PAYING]
        begun = [e for e in entries if e.kind == "started" and e.body["action"] in PAYING]
        approved = {e.body["proposal"] for e in entries if e.kind == "approved"}
        assert len(self.model.paid) - self.room.under_way() <= len(confirmed) <= len(self.model.paid)
        assert {e.body["effect"] for e in confirmed} <= {e.body["effect"] for e in begun}
        assert {e.body["proposal"] for e in confirmed if not e.body["grant"]} <= approved
        given = {e.body["grant"] for e in entries if e.kind == "granted"}
        assert {e.body["grant"] for e in confirmed if e.body["grant"]} <= given

    # How it is done -----------------------------------------------------------------------------------------

    def says(self, who: str, text: str) -> None:
        standing = Standing.MEMBER if who in PEOPLE else Standing.STRANGER
        self.arrives(Message(who=identity(who), text=text, name=who.title(), standing=standing))

    def arrives(self, body: Body, *, elsewhere: bool = False) -> None:
        key = f"twin:{len(self.sent)}"
        self.sent.append((key, body, elsewhere))
        self.room.arrive(key, body, place=ELSEWHERE if elsewhere else HERE)

    def forward(self, by: int) -> None:
        self.model.now += by
        self.room.clock.forward(timedelta(seconds=by))

    def meet(self) -> None:
        """New cards are looked at: each is one that was expected."""
        for proposal in self.room.read(lambda tx: tx.proposals.pending()):
            if proposal.ref not in self.model.requests:
                arguments = proposal.call.arguments
                deed = proposal.call.action.removeprefix("till.")
                looks = (deed, arguments["to"], arguments["amount"], proposal.call.account.label)
                same = [e for e in self.expected if (e.deed, e.to, e.amount, e.account) == looks]
                assert same, f"a card nobody expected: {looks}"
                self.expected.remove(same[0])
                self.model.requests[proposal.ref] = same[0]
        assert not self.expected, "a card is missing"
        for sent in self.room.chat.messages.values():
            if isinstance(sent.content, Card) and sent.content.buttons:
                shown = (sent.content.ref, sent.content.revision, sent.ref)
                if shown not in self.shown:
                    self.shown.append(shown)


def _forged(call: Call, proposal: str, room: Room) -> Authority:
    expires = room.clock.now() + timedelta(hours=1)
    return Authority(
        by="press", rule="R3", digest=call.digest, person="per_olivia", proposal=proposal, expires=expires
    )


TestControl = Control.TestCase
TestControl.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
