"""Forgetting: every word of a turn taken out of everything we keep, and what cannot be taken out named.

A turn is forgotten as a whole: what was said to it, what it thought and answered, what it wrote down, and our own
messages about it, which are edited where they stand. What it did on other systems stays done and recorded, words
included; of what we wrote down ourselves the ledger never held the words. A turn that is still under way, or waits for a press, is forgotten the moment it ends.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from bot import forms, notes, resting, sayings, standing, unlearning
from bot.actions import Call
from bot.effects import Effect, EffectState, Question, Run, Say, Text
from bot.house import House
from bot.journal import Turn, TurnState
from bot.notes import Note, NoteKind, person_scope, place_scope
from bot.people import Person, Role
from bot.places import Place, called
from bot.proposals import Proposal, State
from bot.speech import Tongue
from bot.store import Tx
from bot.tallies import Move, scope_of
from bot.unlearning import GONE
from bot.values import Json

ENDED = (TurnState.DONE, TurnState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was removed: notes (history among them), what stood in lists, versions of procedures, turns of conversations, and
    turns that go when they end. `lists` are named so, and stay: who wants them gone presses for it. `procedures` stay too, in
    force or being run, and standing `rules`, by their numbers: whoever forgets a matter does not end by that what holds."""

    notes: tuple[str, ...] = ()
    strokes: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    turns: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.notes or self.strokes or self.versions or self.turns or self.later)


def forget(
    tx: Tx,
    about: str,
    *,
    scopes: Collection[str],
    place: Place,
    person: Person,
    turn: str,
    tongue: Tongue,
    house: House,
) -> Gone:
    """Everything these words single out: notes of the scopes, and what was said in this conversation and where the
    notes come from. `turn` is the one that asks; its own words go when it ends."""
    sought = notes.meant(about)
    found = [note for scope in scopes for note in _named(tx, scope, sought)]
    where = {place.key} | {kept.place for note in found if (kept := tx.turns.get(note.turn)) is not None}
    said = {line.turn for each in where for line in tx.traces.lines(each, sought)}
    thought = {
        each for each in tx.traces.turns(sought) if (kept := tx.turns.get(each)) and kept.place in where
    }
    said |= {
        each.turn for each in resting.kept(tx, person.id) if notes.words(each.text).issuperset(sought or {""})
    }
    sources = {note.turn for note in found}
    mine = [
        each for each in sources | said | thought if _may(tx, each, person, place, of_note=each in sources)
    ]
    unlearnt = unlearning.unlearn(tx, sought, person)
    mine += [each for each in unlearnt.runs if each not in mine]
    unask(tx, unlearnt.cards, house=house)
    gone = (*drop(tx, found), *(each for scope in scopes for each in _cut(tx, scope, sought)))
    others = list(dict.fromkeys(each for each in mine if each and each != turn))
    done = tuple(each for each in others if unsay_turn(tx, each, tongue=tongue, house=house))
    later = tuple(each for each in others if each not in done)
    for each in (*later, turn):
        # Kept no longer than the words themselves: until the turn ends.
        tx.marks.put(mark_of(each), sorted(sought))
    strokes, lists = unlist(tx, scope_of(person.id, place), sought)
    return Gone(
        notes=gone,
        strokes=strokes,
        lists=lists,
        versions=unlearnt.versions,
        procedures=unlearnt.stays,
        rules=_ruled(tx, person_scope(person.id) if place.private else place_scope(place.key), sought),
        turns=done,
        later=later,
    )


def unlist(tx: Tx, scope: str, sought: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every stroke of the lists of a scope that holds the words, with all that changed the same item. Returns their ids,
    and the names of the lists that are called so."""
    gone: list[str] = []
    called: list[str] = []
    for tally in tx.tallies.all(scope):
        strokes = tx.tallies.strokes(tally.id)
        named = {each.id for each in strokes if sought and notes.words(each.text).issuperset(sought)}
        changed = {each.of for each in strokes if each.id in named and each.move is not Move.UNDO}
        items = named | (changed - {""})
        gone += [each.id for each in strokes if {each.id, each.of} & items and tx.tallies.drop(each.id)]
        if sought and notes.words(tally.name).issuperset(sought):
            called.append(tally.name)
    return tuple(gone), tuple(called)


def _ruled(tx: Tx, scope: str, sought: Collection[str]) -> tuple[int, ...]:
    """The numbers of the standing rules of a scope that hold the words."""
    rules = enumerate(standing.kept(tx, scope), start=1)
    return tuple(n for n, rule in rules if sought and notes.words(rule.text).issuperset(sought))


def forget_turns(tx: Tx, turns: Sequence[str], *, turn: str, tongue: Tongue, house: House) -> int:
    """These turns, whatever they said; and the one that asks, when it ends. Returns how many are gone now."""
    done = [unsay_turn(tx, each, tongue=tongue, house=house) for each in turns]
    for each in (each for each, gone in zip(turns, done, strict=True) if not gone):
        tx.marks.put(mark_of(each), [])
    if turn:
        tx.marks.put(mark_of(turn), [])
    return sum(done)


def drop(tx: Tx, found: Iterable[Note]) -> tuple[str, ...]:
    """These notes, rows and index. Returns the ids of those that were there."""
    return tuple(note.id for note in found if tx.notes.forget(note.id))


def _named(tx: Tx, scope: str, sought: Collection[str]) -> list[Note]:
    """The notes of a scope that hold the words, with all they replaced and all that was made from them."""
    every = tx.notes.history(scope)
    named = {note.id for note in every if sought and _holds(note, sought)}
    within = notes.ancestry(every, named)
    return [note for note in every if note.id in within]


def _holds(note: Note, sought: Collection[str]) -> bool:
    """Of what many sentences were carried over in, it is all of it or none: one of them is cut out of it."""
    if _bundled(note):
        return notes.meant(note.text).issubset(sought)
    return notes.words(note.text).issuperset(sought)


def _bundled(note: Note) -> bool:
    return note.kind is NoteKind.SUMMARY and "\n" in note.text


def _cut(tx: Tx, scope: str, sought: Collection[str]) -> Iterable[str]:
    """Takes the sentences that hold these words out of the notes that hold others beside them. Gives the ids of those."""
    for note in tx.notes.history(scope) if sought else ():
        lines = note.text.splitlines()
        rest = [line for line in lines if not notes.words(line).issuperset(sought)]
        if _bundled(note) and len(rest) < len(lines):
            # Taken away and put there anew, so that the files are cleaned of what it said.
            tx.notes.forget(note.id)
            if rest:
                tx.notes.put(replace(note, text="\n".join(rest)))
            yield note.id


def _may(tx: Tx, turn: str, person: Person, place: Place, *, of_note: bool) -> bool:
    """Where others talk too, a person takes back their own words; an owner everybody's."""
    kept = tx.turns.get(turn)
    if kept is None:
        return False
    return of_note or place.private or kept.person == person.id or person.role is Role.OWNER


def unsay_turn(tx: Tx, turn: str, *, tongue: Tongue, house: House, keep: str = "", edit: bool = True) -> bool:
    """Takes the words of a turn out of everything. False, and nothing is changed, while it is under way or waits.

    `keep` is the slot of an answer that stays as it is. Without `edit` our messages stand where they were sent.
    """
    kept = tx.turns.get(turn)
    if kept is None or kept.state not in ENDED:
        return False
    tx.traces.unhear(turn)
    tx.traces.unthink(turn)
    resting.drop(tx, kept.person, lambda held: held.turn == turn)
    slots = {(kept.place, f"in:{turn}"), *_bundle(tx, turn, house)}
    for effect in tx.traces.effects(turn):
        deed = effect.deed
        if isinstance(deed, Say) and deed.slot != keep and isinstance(deed.content, Text | Question):
            slots.add((effect.place, deed.slot))
        _without_words(tx, effect, keep, house)
    cards = tx.traces.proposals(turn)
    _unform(tx, {each.ref for each in cards}, {place for place, slot in slots if slot.startswith("form:")})
    for proposal in cards:
        _unask(tx, proposal, house)
    for place, slot in sorted(slots):
        _unsay(tx, place, slot, tongue, house, edit=edit)
    _unlog(tx, kept)
    return True


def _bundle(tx: Tx, turn: str, house: House) -> list[tuple[str, str]]:
    """The message that told this run's report together with others', which goes as a whole."""
    run = tx.occurrences.get(turn)
    if run is not None and (run.held or run.rest or run.why):
        tx.occurrences.put(replace(run, held=False, rest="", why=GONE if run.why else ""))
    effect = tx.effects.get(run.report) if run is not None and run.report else None
    if effect is None or effect.turn == turn or not isinstance(effect.deed, Say):
        return []
    _without_words(tx, effect, "", house)
    return [(effect.place, effect.deed.slot)]


def at_the_end(tx: Tx, turn: str, *, tongue: Tongue, house: House, keep: str) -> bool:
    """A turn ends: if it was to be forgotten, it is now. Its last answer, in the slot `keep`, stays."""
    if tx.marks.get(mark_of(turn)) is None:
        return False
    tx.marks.put(mark_of(turn), None)
    return unsay_turn(tx, turn, tongue=tongue, house=house, keep=keep)


def discreet(tx: Tx, turn: str, text: str) -> bool:
    """Whether the last words of a turn hold nothing that was to be forgotten while it was under way."""
    sought: Json = tx.marks.get(mark_of(turn))
    return not sought or not notes.words(text).issuperset(sought)


def mark_of(turn: str) -> str:
    """Under which name it is kept what is to be forgotten of a turn under way."""
    return f"forget:{turn}"


def _unsay(tx: Tx, place: str, slot: str, tongue: Tongue, house: House, *, edit: bool) -> None:
    """A person's line goes; ours says that it is gone, and so does our message wherever it stands."""
    for line in sayings.copies(tx, place, slot):
        if edit and not line.slot.startswith("in:") and line.ref:
            said = Text(text=tongue("(forgotten)"))
            now = house.clock.now()
            sayings.say(tx, place=place, slot=line.slot, content=said, now=now, lang=tongue.lang)
        else:
            tx.traces.unsay(place, line.seq)


def _without_words(tx: Tx, effect: Effect, keep: str, house: House) -> None:
    """The record of what was said and done, without the words that may have to be forgotten."""
    match effect.deed:
        case Say(content=Text() | Question()) as say if (
            say.slot != keep and effect.state is not EffectState.STARTED
        ):
            tx.effects.swap(effect, replace(effect, deed=replace(say, content=Text(text=GONE)), error=""))
        case Run() as run if effect.over and _forgettable(run.call, house):
            receipt = effect.receipt and replace(effect.receipt, text=GONE, data=None, changes=(), undo=None)
            bare = replace(run, call=_bare(run.call, house), authority=replace(run.authority, digest=""))
            tx.effects.swap(effect, replace(effect, deed=bare, receipt=receipt, error=""))
        case _:
            pass


def _unform(tx: Tx, refs: Collection[str], places: Collection[str]) -> None:
    """What was answered question by question about these cards, where it was asked, and never handed in."""
    for place in sorted(places):
        for person in tx.people.all():
            name = forms.mark(place, person.id)
            kept: Json = tx.marks.get(name)
            if kept and kept["ref"] in refs:
                tx.marks.put(name, None)


def unask(tx: Tx, turns: Iterable[str], *, house: House) -> None:
    """The cards of these turns that are settled show no word any more."""
    for turn in turns:
        for proposal in tx.traces.proposals(turn):
            _unask(tx, proposal, house)


def _unask(tx: Tx, proposal: Proposal, house: House) -> None:
    if proposal.state is not State.PENDING and _forgettable(proposal.call, house):
        preview = replace(proposal.preview, subject="", changes=(), notes=(), facts=(), asides=(), version="")
        # Under the digest stands that it was refused: the words could be guessed from that too.
        tx.marks.put(f"denied:{proposal.call.digest}", None)
        tx.traces.unfill(proposal.ref)
        bare = replace(proposal, call=_bare(proposal.call, house), preview=preview, reason="", note="")
        tx.proposals.swap(proposal, bare)
        sayings.show(tx, bare, now=house.clock.now())


def _forgettable(call: Call, house: House) -> bool:
    action = house.known(call.action)
    return action is not None and action.forgettable


def _bare(call: Call, house: House) -> Call:
    action = house.known(call.action)
    words = {field.name for field in action.fields if field.forgettable} if action else set[str]()
    return replace(
        call,
        arguments={name: GONE if name in words else value for name, value in call.arguments.items()},
        salt="",
    )


def _unlog(tx: Tx, turn: Turn) -> None:
    """A mission's log is what it remembers."""
    mission = tx.missions.get(turn.mission) if turn.mission else None
    if mission is not None and any(line.turn == turn.id for line in mission.log):
        kept = tuple(line for line in mission.log if line.turn != turn.id)
        tx.missions.put(replace(mission, log=kept))


def written_down(gone: Gone, person: str) -> dict[str, Json]:
    """What the ledger keeps of it: that it was done and to which rows, never what they said."""
    rows: dict[str, Json] = {"notes": list(gone.notes), "turns": list(gone.turns), "person": person}
    if gone.strokes:
        rows["strokes"] = list(gone.strokes)
    if gone.versions:
        rows["procedures"] = list(gone.versions)
    return rows


def said(gone: Gone, place: Place, tongue: Tongue, *, wiped: bool) -> str:
    """What was removed, and what is left. `wiped` says whether the files hold nothing of it any more."""
    stays = [
        "• "
        + tongue(
            "procedure {name} holds these words and stays, for it is in force or being run: “delete procedure {name}” ends"
            " it, and the words go with it.",
            name=name,
        )
        for name in gone.procedures
    ]
    stays += [
        "• "
        + tongue(
            "standing rule {n} holds these words and stays in force: “rule {n} drop” ends it; then say this once more.",
            n=n,
        )
        for n in gone.rules
    ]
    if gone.nothing:
        nothing = tongue(
            "There was nothing to forget: neither a note nor a message here holds all of these words."
        )
        return "\n".join((nothing, *stays))
    lines = [tongue("Forgotten:")]
    if gone.notes:
        lines.append(
            "• "
            + tongue.many("{n} note, with its history.", "{n} notes, with their history.", len(gone.notes))
        )
    if gone.strokes:
        lines.append(
            "• "
            + tongue.many(
                "{n} change of a list, with its item.",
                "{n} changes of lists, with their items.",
                len(gone.strokes),
            )
        )
    lines += [
        "• " + tongue("a list is called “{name}” and stays: say “list forget {name}”.", name=name)
        for name in gone.lists
    ]
    if gone.versions:
        lines.append(
            "• "
            + tongue.many(
                "what {n} version of a procedure said. Which actions it took, and who put it in force, stays.",
                "what {n} versions of procedures said. Which actions they took, and who put them in force, stays.",
                len(gone.versions),
            )
        )
    lines += stays
    if gone.turns:
        lines.append(
            "• "
            + tongue.many(
                "what was said and answered on {n} occasion.",
                "what was said and answered on {n} occasions.",
                len(gone.turns),
            )
        )
    if gone.later:
        lines.append(
            "• "
            + tongue.many(
                "{n} occasion that still waits for a press: it goes when that is settled.",
                "{n} occasions that still wait for a press: they go when that is settled.",
                len(gone.later),
            )
        )
    lines.append(
        tongue(
            "It is out of the database and its search index, and my own messages about it are edited. What stays: that"
            " something was forgotten, by whom and when; in the ledger, digests of what I wrote down here, without the words;"
            " what I did on other systems, and what the ledger says of it, words included; what you wrote yourself, for as long as {platform} keeps it; and backups made before.",
            platform=called(place.platform, tongue),
        )
    )
    if not wiped:
        lines.append(
            tongue(
                "The database server keeps the bytes of deleted rows unread in its files until it uses the room again,"
                " commonly within days, and in its write-ahead log and archives for as long as its administrator keeps"
                " those. VACUUM FULL there empties the files at once."
            )
        )
    return "\n".join(lines)
