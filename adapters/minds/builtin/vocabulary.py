"""The words that always work, in English and French, and what each asks for. Data, nothing else."""

from dataclasses import dataclass
from enum import StrEnum


class Takes(StrEnum):
    """What a word wants behind it."""

    NOTHING = "nothing"
    TOPIC = "topic"
    NUMBER = "number"
    SUBJECT = "subject"
    CODE = "code"
    ZONE = "zone"
    LANGUAGE = "language"
    TEXT = "text"
    MAYBE_CODE = "maybe code"
    MAYBE_TEXT = "maybe text"
    SYSTEM = "system"
    DEPUTY = "person, until"
    ACCOUNT = "system, name"
    CONNECTION = "connection"
    LABEL = "connection, label"
    CODE_AND_WHY = "code, reason"
    LIMIT = "whose, what, by how much"
    ACTION = "action"
    FIELD = "action, field, how, value"
    SPAN = "when"
    CHANGE = "number, what"
    HANDED = "number to person"
    PART = "number, part"
    NUMBER_AND_WHY = "number, why"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One thing to say. `action` is what it asks for, "" for what the mind answers by itself.

    `says` is the sentence of the reference; `control` words are answered by the
    built-in mind even when a model is configured.
    """

    name: str
    action: str = ""
    field: str = ""
    takes: Takes = Takes.NOTHING
    control: bool = True
    en: tuple[str, ...]
    fr: tuple[str, ...]
    example: str
    exemple: str
    says: str


WORDS: tuple[Word, ...] = (
    Word(
        name="help",
        action="vigie.help",
        field="topic",
        takes=Takes.TOPIC,
        en=("help", "help me", "start", "commands", "what can you do"),
        fr=("aide", "aide-moi", "à l'aide", "aidez-moi", "commandes", "que sais-tu faire"),
        example="help",
        exemple="aide",
        says="what I can do; with a word behind it, how to say that one",
    ),
    Word(
        name="status",
        action="vigie.status",
        en=("status", "how are things"),
        fr=("état", "statut", "l'état", "état des lieux"),
        example="status",
        exemple="état",
        says="whether all is well, and what is going on",
    ),
    Word(
        name="missions",
        action="vigie.missions",
        en=("missions", "my missions", "list missions", "show missions"),
        fr=("mes missions", "les missions", "liste des missions", "liste les missions"),
        example="missions",
        exemple="missions",
        says="the missions and when each wakes next",
    ),
    Word(
        name="runs",
        action="vigie.runs",
        field="number",
        takes=Takes.NUMBER,
        en=("runs of", "runs"),
        fr=("passages de", "passages", "exécutions de"),
        example="runs 3",
        exemple="passages 3",
        says="when mission 3 was due, what became of each time, and whether each report arrived",
    ),
    Word(
        name="mission",
        action="vigie.mission",
        field="number",
        takes=Takes.NUMBER,
        en=("mission", "show mission"),
        fr=("la mission", "montre la mission"),
        example="mission 3",
        exemple="la mission 3",
        says="what mission 3 is, how it stands, and its log",
    ),
    Word(
        name="templates",
        action="vigie.templates",
        en=("templates", "list templates"),
        fr=("modèles", "les modèles", "liste des modèles"),
        example="templates",
        exemple="modèles",
        says="the ready-made missions",
    ),
    Word(
        name="template",
        action="vigie.create_mission",
        field="template",
        takes=Takes.NAME,
        en=("template", "use template"),
        fr=("modèle", "utilise le modèle"),
        example="template pending",
        exemple="modèle pending",
        says="begins a ready-made mission, shown before it starts",
    ),
    Word(
        name="edit",
        action="vigie.edit_mission",
        field="number",
        takes=Takes.CHANGE,
        en=("edit", "change mission"),
        fr=("modifie", "modifier", "change la mission"),
        example="edit 3 every day at 10:00",
        exemple="modifie 3 tous les jours à 10h",
        says="shows mission 3 as it would be: when it wakes, and after a comma what it does; until DATE; N times",
    ),
    Word(
        name="hand over",
        action="vigie.hand_over",
        field="number",
        takes=Takes.HANDED,
        en=("hand over", "give mission"),
        fr=("confie", "confie la mission", "transmets"),
        example="hand over 3 to Mark",
        exemple="confie 3 à Mark",
        says="asks Mark to answer for mission 3 from now on; Mark presses",
    ),
    Word(
        name="tick",
        action="vigie.tick",
        field="number",
        takes=Takes.PART,
        en=("tick", "tick off"),
        fr=("coche", "cocher"),
        example="tick 3 2",
        exemple="coche 3 2",
        says="the second part of mission 3 is done; with the last one, the mission is",
    ),
    Word(
        name="finish",
        action="vigie.finish_mission",
        field="number",
        takes=Takes.NUMBER_AND_WHY,
        en=("finish", "finish mission"),
        fr=("termine", "terminer", "termine la mission"),
        example="finish 3 all is paid",
        exemple="termine 3 tout est payé",
        says="mission 3 reached its goal",
    ),
    Word(
        name="health",
        action="vigie.health",
        en=("health", "how are you", "check yourself"),
        fr=("santé", "comment vas-tu", "comment tu vas"),
        example="health",
        exemple="santé",
        says="how I am: queue, connections, disk, clock, cards without an answer",
    ),
    Word(
        name="agenda",
        action="vigie.agenda",
        field="when",
        takes=Takes.SPAN,
        en=("what will you do", "what are you going to do", "agenda"),
        fr=("que feras-tu", "que vas-tu faire", "qu'est-ce que tu feras", "au programme"),
        example="what will you do next week?",
        exemple="que feras-tu la semaine prochaine ?",
        says="the wakes to come: today, tomorrow, this week, next week, or the next 7 days",
    ),
    Word(
        name="pause",
        action="vigie.pause_mission",
        field="number",
        takes=Takes.NUMBER,
        en=("pause",),
        fr=("mets en pause", "suspends"),
        example="pause 3",
        exemple="mets en pause 3",
        says="stops mission 3 from waking until it is resumed",
    ),
    Word(
        name="resume",
        action="vigie.resume_mission",
        field="number",
        takes=Takes.NUMBER,
        en=("resume", "unpause"),
        fr=("reprends", "reprendre", "relance"),
        example="resume 3",
        exemple="reprends 3",
        says="lets mission 3 wake again",
    ),
    Word(
        name="cancel",
        action="vigie.cancel_mission",
        field="number",
        takes=Takes.NUMBER,
        en=("cancel",),
        fr=("annule", "annuler"),
        example="cancel 3",
        exemple="annule 3",
        says="ends mission 3 for good",
    ),
    Word(
        name="why",
        action="vigie.why",
        field="subject",
        takes=Takes.SUBJECT,
        en=("why", "why did you do"),
        fr=("pourquoi",),
        example="why 3",
        exemple="pourquoi 3",
        says="what led to a mission, a card (by its short code) or a deed (by its id)",
    ),
    Word(
        name="pending",
        action="vigie.pending",
        en=("pending", "approvals", "what is pending", "what's pending"),
        fr=("en attente", "approbations", "qu'est-ce qui est en attente", "à approuver"),
        example="pending",
        exemple="en attente",
        says="the proposals that wait for a press",
    ),
    Word(
        name="budget",
        action="vigie.budget",
        en=("budget", "budgets", "limits", "what is left"),
        fr=("le budget", "les budgets", "limites", "les limites", "que reste-t-il"),
        example="budget",
        exemple="budget",
        says="what is used up and left today, of everybody's budget, yours and each mission's, and who set it",
    ),
    Word(
        name="raise",
        action="vigie.raise_budget",
        field="whose",
        takes=Takes.LIMIT,
        en=("raise",),
        fr=("relève", "relever", "augmente"),
        example="raise mission 3 tokens by 100000",
        exemple="relève mission 3 jetons de 100000",
        says="asks for more until the end of the day: for a mission, a person, `me` or `everyone`; of tokens, models,"
        " money, messages or deeds",
    ),
    Word(
        name="deny",
        action="vigie.deny",
        field="code",
        takes=Takes.CODE_AND_WHY,
        en=("deny", "refuse", "reject"),
        fr=("refuse", "refuser", "rejette"),
        example="deny K7Q2 too much for this order",
        exemple="refuse K7Q2 trop cher",
        says="says no to the request under this code; what follows is the reason, and is passed on as one",
    ),
    Word(
        name="undo",
        action="vigie.undo",
        field="subject",
        takes=Takes.SUBJECT,
        en=("undo",),
        fr=("défais", "défaire", "annule", "annuler"),
        example="undo K7Q2",
        exemple="défais K7Q2",
        says="takes back what was done under this code, where that is possible",
    ),
    Word(
        name="freeze",
        action="vigie.freeze",
        field="reason",
        takes=Takes.MAYBE_TEXT,
        en=("freeze",),
        fr=("gèle",),
        example="freeze",
        exemple="gèle",
        says="stops everything that acts, at once; or only what follows: demo, demo.refund, mission 3; then a reason",
    ),
    Word(
        name="stop",
        action="vigie.freeze",
        en=("stop", "stop everything", "emergency stop"),
        fr=("arrête tout", "stoppe tout", "arrêt d'urgence"),
        example="stop",
        exemple="arrête tout",
        says="the same as freeze",
    ),
    Word(
        name="unfreeze",
        action="vigie.unfreeze",
        field="scope",
        takes=Takes.MAYBE_TEXT,
        en=("unfreeze",),
        fr=("dégèle",),
        example="unfreeze",
        exemple="dégèle",
        says="lets everything act again; only an owner may",
    ),
    Word(
        name="delegate",
        action="vigie.delegate",
        field="person",
        takes=Takes.DEPUTY,
        en=("delegate to", "delegate"),
        fr=("délègue à", "déléguer à", "délègue"),
        example="delegate to Mark for 3 days",
        exemple="délègue à Mark jusqu'au 2026-12-24",
        says="lets somebody approve in your place, until a date or for some days, once you pressed",
    ),
    Word(
        name="undelegate",
        action="vigie.undelegate",
        en=("undelegate", "stop delegating"),
        fr=("ne délègue plus", "fin de délégation"),
        example="undelegate",
        exemple="fin de délégation",
        says="you approve yourself again",
    ),
    Word(
        name="second factor",
        action="vigie.second_factor",
        field="code",
        takes=Takes.MAYBE_CODE,
        en=("second factor", "set up a second factor"),
        fr=("second facteur", "deuxième facteur"),
        example="second factor",
        exemple="second facteur",
        says="a key for your authenticator, in private and once; with its first code, puts it in force",
    ),
    Word(
        name="remove second factor",
        action="vigie.drop_second_factor",
        field="code",
        takes=Takes.CODE,
        en=("remove second factor", "remove my second factor"),
        fr=("retire le second facteur", "retire mon second facteur"),
        example="remove second factor 123456",
        exemple="retire le second facteur 123456",
        says="takes your second factor away, with a code of it; an owner can do it for who lost theirs",
    ),
    Word(
        name="grants",
        action="vigie.grants",
        en=("grants", "permissions", "standing permissions"),
        fr=("autorisations", "mes autorisations", "les autorisations"),
        example="grants",
        exemple="autorisations",
        says="what I may do without asking: within which terms, how often, and until when",
    ),
    Word(
        name="withdraw",
        action="vigie.withdraw",
        field="number",
        takes=Takes.NUMBER,
        en=("withdraw", "withdraw permission", "revoke"),
        fr=("retire", "retire l'autorisation", "révoque"),
        example="withdraw 2",
        exemple="retire 2",
        says="ends standing permission 2 at once",
    ),
    Word(
        name="link",
        action="vigie.link",
        field="code",
        takes=Takes.MAYBE_CODE,
        en=("link",),
        fr=("relier", "relie", "lier"),
        example="link",
        exemple="relier",
        says="a code that joins your account on another platform; with the code, joins it",
    ),
    Word(
        name="start",
        action="vigie.link",
        field="code",
        takes=Takes.CODE,
        en=("start",),
        fr=(),
        example="start CODE",
        exemple="start CODE",
        says="the same as link, for the links that open Telegram",
    ),
    Word(
        name="claim",
        action="vigie.claim",
        field="code",
        takes=Takes.CODE,
        en=("claim",),
        fr=("revendique", "revendiquer"),
        example="claim CODE",
        exemple="revendique CODE",
        says="makes you an owner, with the one-time code that was printed at the first start",
    ),
    Word(
        name="dashboard",
        action="vigie.dashboard",
        en=("dashboard",),
        fr=("tableau de bord",),
        example="dashboard",
        exemple="tableau de bord",
        says="a one-time link to the web page",
    ),
    Word(
        name="my name is",
        action="vigie.name",
        field="name",
        takes=Takes.TEXT,
        control=False,
        en=("my name is",),
        fr=("je m'appelle",),
        example="my name is Olivia",
        exemple="je m'appelle Olivia",
        says="the name of an owner who came by the web page and has none yet; others have that of their account",
    ),
    Word(
        name="language",
        action="vigie.language",
        field="lang",
        takes=Takes.LANGUAGE,
        en=("language", "speak"),
        fr=("langue", "parle"),
        example="language fr",
        exemple="langue anglais",
        says="the language I answer you in",
    ),
    Word(
        name="zone",
        action="vigie.zone",
        field="zone",
        takes=Takes.ZONE,
        en=("zone", "time zone", "timezone", "my time zone is"),
        fr=("fuseau", "fuseau horaire", "mon fuseau horaire est"),
        example="time zone Europe/Paris",
        exemple="fuseau horaire Europe/Paris",
        says="the time zone your times are read in",
    ),
    Word(
        name="remember",
        action="vigie.remember",
        field="text",
        takes=Takes.TEXT,
        control=False,
        en=("remember that", "remember"),
        fr=(
            "retiens que",
            "retiens qu'",
            "retiens",
            "souviens-toi que",
            "souviens-toi qu'",
            "souviens-toi de",
            "souviens-toi",
        ),
        example="remember that the warehouse closes at 6",
        exemple="retiens que l'entrepôt ferme à 18 h",
        says="keeps this",
    ),
    Word(
        name="recall",
        action="vigie.recall",
        field="about",
        takes=Takes.TEXT,
        control=False,
        en=("what do you know about", "what do you remember about", "recall"),
        fr=(
            *("que sais-tu de", "que sais-tu d'", "que sais-tu du", "que sais-tu des", "que sais-tu sur"),
            *("que sais-tu à propos de", "que sais-tu à propos d'"),
            *("qu'est-ce que tu sais de", "qu'est-ce que tu sais d'", "qu'est-ce que tu sais sur"),
        ),
        example="what do you know about the warehouse?",
        exemple="que sais-tu de l'entrepôt ?",
        says="what I kept about it, and since when",
    ),
    Word(
        name="forget",
        action="vigie.forget",
        field="about",
        takes=Takes.TEXT,
        control=False,
        en=("forget about", "forget that", "forget what you know about", "forget"),
        fr=("oublie que", "oublie qu'", "oublie ce que tu sais de", "oublie ce que tu sais d'", "oublie"),
        example="forget the warehouse",
        exemple="oublie l'entrepôt",
        says="drops what I kept about it",
    ),
    Word(
        name="connections",
        action="vigie.connections",
        en=("connections", "list connections", "my connections"),
        fr=("connexions", "mes connexions", "les connexions"),
        example="connections",
        exemple="connexions",
        says="the connected accounts: live or test, health, last use, scopes; and what else can be connected",
    ),
    Word(
        name="connect",
        action="vigie.connect",
        field="system",
        takes=Takes.ACCOUNT,
        en=("connect", "reconnect"),
        fr=("connecte", "connecter", "reconnecte"),
        example="connect stripe as stripe_eu",
        exemple="connecte stripe comme stripe_eu",
        says="a one-time link for an owner, to the page where an account is connected; never send me a key",
    ),
    Word(
        name="test",
        action="vigie.test_connection",
        field="name",
        takes=Takes.CONNECTION,
        en=("test", "test connection"),
        fr=("teste", "tester", "teste la connexion"),
        example="test stripe",
        exemple="teste stripe",
        says="asks the other side of this connection who it is, now",
    ),
    Word(
        name="rename",
        action="vigie.rename_connection",
        field="name",
        takes=Takes.LABEL,
        en=("rename",),
        fr=("renomme", "renommer"),
        example="rename stripe to Paris shop",
        exemple="renomme stripe en Boutique de Paris",
        says="what people call this connection; its actions keep their names",
    ),
    Word(
        name="disconnect",
        action="vigie.disconnect",
        field="name",
        takes=Takes.CONNECTION,
        en=("disconnect",),
        fr=("déconnecte", "déconnecter"),
        example="disconnect stripe",
        exemple="déconnecte stripe",
        says="lets an account go and deletes its key, once an owner pressed",
    ),
    Word(
        name="actions",
        action="vigie.actions",
        field="system",
        takes=Takes.SYSTEM,
        en=("actions", "what can you act on"),
        fr=("les actions", "liste des actions"),
        example="actions",
        exemple="actions",
        says="what can be asked of the connected systems; with a system behind it, of that one",
    ),
    Word(
        name="fields",
        action="vigie.fields",
        field="action",
        takes=Takes.ACTION,
        en=("fields of", "fields"),
        fr=("champs de", "champs"),
        example="fields demo.refund",
        exemple="champs demo.refund",
        says="who fills each field of an action; with nothing behind it, every field that somebody set",
    ),
    Word(
        name="set",
        action="vigie.set_field",
        field="action",
        takes=Takes.FIELD,
        en=("set",),
        fr=("règle", "régler"),
        example="set demo.refund amount manual",
        exemple="règle demo.refund amount manuel",
        says="who fills a field: auto, manual, selector, fixed “…” or default “…”; only an owner may",
    ),
    Word(
        name="greeting",
        control=False,
        en=("hello", "hi", "hey", "good morning", "good afternoon", "good evening", "hello there"),
        fr=("bonjour", "salut", "coucou", "bonsoir"),
        example="hello",
        exemple="bonjour",
        says="a greeting back",
    ),
    Word(
        name="thanks",
        control=False,
        en=("thanks", "thank you", "thank you very much", "thanks a lot", "many thanks"),
        fr=("merci", "merci beaucoup", "merci bien", "grand merci"),
        example="thanks",
        exemple="merci",
        says="with pleasure",
    ),
)

HOWS = {
    **dict.fromkeys(("auto", "automatic", "automatique", "libre"), "auto"),
    **dict.fromkeys(("manual", "manuel", "manuelle", "by hand", "a la main"), "manual"),
    **dict.fromkeys(("selector", "pick", "list", "selecteur", "liste", "choix"), "selector"),
    **dict.fromkeys(("fixed", "fixed to", "fixe", "fixee", "fixe a"), "fixed"),
    **dict.fromkeys(("default", "default to", "defaut", "par defaut"), "default"),
}
"""How a field is filled, as people say it, folded."""

DO = frozenset({"do", "fais", "faire", "execute", "run"})
"""What begins a direct request for an action, when a name with a dot follows."""

LANGUAGES = {
    **dict.fromkeys(("en", "english", "anglais", "l'anglais"), "en"),
    **dict.fromkeys(("fr", "french", "francais", "le francais"), "fr"),
}

SPANS = {
    **dict.fromkeys(("today", "aujourd'hui", "aujourd' hui"), "today"),
    **dict.fromkeys(("tomorrow", "demain"), "tomorrow"),
    **dict.fromkeys(("this week", "cette semaine"), "this week"),
    **dict.fromkeys(("next week", "la semaine prochaine", "semaine prochaine"), "next week"),
    **dict.fromkeys(("in the next 7 days", "the next 7 days", "ces 7 prochains jours"), "7 days"),
}
"""Spans of days that an agenda is asked for."""

MEASURES = {
    **dict.fromkeys(("tokens", "token", "jetons"), "tokens"),
    **dict.fromkeys(("models", "model", "modeles", "modele"), "models"),
    **dict.fromkeys(("money", "argent"), "money"),
    **dict.fromkeys(("messages", "message", "envois"), "messages"),
    **dict.fromkeys(("deeds", "effects", "actes"), "effects"),
}
"""What a limit counts, as people say it."""

EVERYONE = frozenset({"everyone", "everybody", "space", "tout le monde", "tous", "espace", "l'espace"})
MYSELF = frozenset({"me", "my", "mine", "moi", "mes"})
"""Whose limit, besides a mission's or a person's by name."""
