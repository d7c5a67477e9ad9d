"""Text to terms: words without case and accents, by their English and French stems. Pure.

A word is kept under every stem it may have, since nobody says in which language they write. The past tense asks for
the same thing as the question that names the verb ("when did we buy …", "we bought …"), so irregular forms are led
back to their first one before they are stemmed.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import chain
from threading import local
from typing import Protocol

import Stemmer

VERSION = 4
"""Goes up whenever the same text may come to other terms or traits, or these are kept otherwise: the index is then built
again, also by a version that is older."""

LONGEST = 40
"""Characters of a word that count; what is longer is no word anybody will ask for by its end."""

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[’ʼ`´]")

_IRREGULAR = """
be am is are was were been; become became; begin began begun; break broke broken; bring brought; build built; buy bought;
catch caught; choose chose chosen; come came; do did done; draw drew drawn; drink drank drunk; drive drove driven;
eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find found; fly flew flown; forget forgot forgotten;
freeze froze frozen; get got gotten; give gave given; go went gone; grow grew grown; hang hung; have had has; hear heard;
hide hid hidden; hold held; keep kept; know knew known; lead led; leave left; lend lent; light lit; lose lost; make made;
mean meant; meet met; pay paid; ride rode ridden; ring rang rung; rise rose risen; run ran; say said; see saw seen; seek sought;
sell sold; send sent; shake shook shaken; shine shone; shoot shot; shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat;
sleep slept; speak spoke spoken; spend spent; stand stood; steal stole stolen; stick stuck; strike struck; swear swore sworn;
swim swam swum; take took taken; teach taught; tear tore torn; tell told; think thought; throw threw thrown;
understand understood; wake woke woken; wear wore worn; win won; write wrote written;
child children; foot feet; half halves; knife knives; leaf leaves; life lives; man men; mouse mice; person people; shelf shelves;
tooth teeth; wife wives; woman women; good better best; bad worse worst;
être est sont était étaient été suis serait sera; avoir a ont avait avaient eu ai aura; aller va vont allait ira irons allé;
faire fait font faisait fera; pouvoir peut peuvent pouvait pourra; vouloir veut veulent voulait voudra voulu;
devoir doit doivent devait devra dû; venir vient viennent venait viendra venu; prendre prend prennent prenait pris;
mettre met mettent mettait mis; savoir sait savent savait saura su; voir voit voient voyait verra vu; dire dit disent disait;
tenir tient tiennent tenu; recevoir reçoit reçoivent reçu; écrire écrit écrivent écrivait; lire lit lisent lisait lu;
vivre vit vivent vécu; envoyer envoie envoient enverra; acheter achète achètent; appeler appelle appellent;
oeil yeux; monsieur messieurs; madame mesdames; travail travaux; journal journaux; cheval chevaux; prix;
"""


def _forms() -> dict[str, str]:
    return {
        fold(form): fold(first)
        for first, *forms in (
            group.split() for group in _IRREGULAR.replace("\n", " ").split(";") if group.strip()
        )
        for form in forms
        if len(form) > 1
    }


def fold(word: str) -> str:
    """Without case and accents. Ligatures are taken apart."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold()).replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in plain if not unicodedata.combining(c))


_FIRST = _forms()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802


def _stemmer(language: str) -> _Stemmer:
    # No cache of its own: what was stemmed is kept by `stems`.
    return Stemmer.Stemmer(language, 0)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


class _Stemmers(local):
    """A stemmer works on a word in its own memory, so each thread has its own: one indexes while another searches."""

    def __init__(self) -> None:
        self.english, self.french = _stemmer("english"), _stemmer("french")


_STEMMERS = _Stemmers()


def words(text: str) -> list[str]:
    """The words of a text in their order, in lower case and with their accents. `l'adresse` is two."""
    if text.isascii():
        return [word[:LONGEST] for word in _WORD.findall(text.lower())]
    plain = _MARKS.sub("'", unicodedata.normalize("NFC", text)).casefold()
    return [word[:LONGEST] for word in _WORD.findall(plain)]


@lru_cache(maxsize=20_000)
def stems(word: str) -> tuple[str, str]:
    """The terms a word stands under: its English stem, and its French one, which is marked so that the two languages do
    not meet by accident."""
    first = _FIRST.get(fold(word))
    english = _STEMMERS.english.stemWord(first or fold(word))
    return fold(english), f"~{fold(_STEMMERS.french.stemWord(first or word))}"


def counted(text: str) -> tuple[dict[str, int], int]:
    """How often each term stands in a text, and how many words it has."""
    said = words(text)
    return Counter(chain.from_iterable(map(stems, said))), len(said)


_ENGLISH_COMMON = """
a about after again all also am an and any are as at be because been before being both but by can could d did do does doing don
down during each few for from had has have having he her here hers him his how i if in into is it its itself just ll m many me
more most much my no nor not now of off often on once only or other our out over own re s same she should so some something
such t than that the their them then there these they this those through to too under until up ve very was we were what when
where which while who whom whose why will with would you your kind type named name likely someone thing things long recent
recently
"""
_FRENCH_COMMON = """
au aux avec ce ces cet cette ceux chez comme comment combien dans de depuis des donc du elle elles en encore est et eu été être eux
ici il ils j je l la le les leur leurs lui ma mais me mes moi mon même ne ni nos notre nous on ou où par pas plus pour pourquoi
qu quand que quel quelle quelles quels qui quoi sa sans se ses si son sont sur ta te tes toi ton tu un une vos votre vous y à
ai as a avait avez avons avoir c d était étaient étais n ont s suis sera serait t chose choses genre sorte quelqu quelque
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


_COMMON = (_set(_ENGLISH_COMMON), _set(_FRENCH_COMMON))


def french(text: str) -> bool:
    """Whether a text has more small French words than English ones."""
    folded = [fold(word) for word in words(text)]
    counts = [sum(word in known for word in folded) for known in _COMMON]
    return counts[1] > counts[0]


def common(*, in_french: bool) -> frozenset[str]:
    """Words that ask, join or point, and name nothing: a question does not look for them. A son is nobody's French
    possessive in an English question."""
    return _COMMON[in_french]
