"""What plain words mean, in English and French: what is looked at, what is done, who is told. Data, nothing else.

Words are compared folded, and each stands for the English one that the titles of actions use.
"""

from collections.abc import Mapping

_NOUNS: Mapping[str, tuple[str, ...]] = {
    "order": ("orders", "commande", "commandes"),
    "customer": ("customers", "client", "clients", "cliente", "clientes"),
    "product": ("products", "produit", "produits", "article", "articles"),
    "stock": ("stocks", "inventory", "inventaire"),
    "sale": ("sales", "vente", "ventes"),
    "payment": ("payments", "paiement", "paiements"),
    "invoice": ("invoices", "facture", "factures"),
    "contact": ("contacts",),
    "company": ("companies", "entreprise", "entreprises"),
    "page": ("pages",),
    "record": ("records", "enregistrement", "enregistrements"),
    "table": ("tables",),
    "note": ("notes",),
    "parcel": ("parcels", "colis"),
    "late": ("overdue", "delayed", "retard", "retards"),
    "open": ("ouverte", "ouvertes", "ouvert", "ouverts"),
    "shipped": ("expediee", "expediees", "expedie", "expedies"),
    "delivered": ("livree", "livrees", "livre", "livres"),
    "cancelled": ("canceled", "annulee", "annulees"),
    "void": ("voided",),
}

_DEEDS: Mapping[str, tuple[str, ...]] = {
    "refund": (
        *("refunds", "refunding", "reimburse", "reimbursement", "reimbursements"),
        *("rembourse", "rembourser", "remboursez", "remboursement", "remboursements"),
    ),
    "discount": ("discounts", "discounting", "remise", "remises"),
    "ship": ("shipping", "shipment", "shipments", "expedie", "expedier", "expediez", "expedition"),
    "cancel": ("cancelling", "canceling", "cancellation", "cancellations", "annule", "annuler", "annulation"),
    "reopen": ("reopening", "rouvre", "rouvrir"),
    "archive": ("archiving", "archiver"),
    "void": ("voiding",),
    "write": ("writing", "ecris", "ecrire", "ecrivez"),
    "update": ("updating", "modifie", "modifier"),
    "delete": ("deleting", "supprime", "supprimer", "suppression"),
}

MEANINGS: Mapping[str, str] = {
    form: word for words in (_DEEDS, _NOUNS) for word, forms in words.items() for form in (word, *forms)
}
"""By each form the word it stands for. What is a deed and a state alike (`expédie`) is the state."""

DEEDS: Mapping[str, str] = {form: word for word, forms in _DEEDS.items() for form in (word, *forms)}
"""What begins or names a deed."""

LOOK = (
    *("take a look at", "have a look at", "keep track of", "look at", "look for", "look up", "go through"),
    *("give me", "get me", "show me", "check on", "check for", "check", "list", "show", "find", "get"),
    *("review", "verify", "inspect", "see"),
    *("jette un oeil a", "jette un oeil sur", "fais le point sur", "fais moi la liste", "fais la liste"),
    *("dresse la liste", "passe en revue", "donne moi", "montre moi", "verifie", "verifier", "regarde"),
    *("regarder", "controle", "controler", "liste", "lister", "montre", "affiche", "afficher", "cherche"),
    *("chercher", "consulte", "consulter"),
)
"""What begins a look at something."""

TELL = (
    *(
        "let me know",
        "let us know",
        "tell",
        "report",
        "post",
        "send",
        "say",
        "inform",
        "notify",
        "warn",
        "alert",
    ),
    *("fais le savoir", "dis", "dites", "rapporte", "rapporter", "poste", "publie", "envoie", "informe"),
    *("previens", "avertis", "alerte", "signale", "raconte", "communique", "transmets"),
)
"""What begins telling somebody."""

PROPOSE = (
    *("propose", "proposing", "offer", "suggest", "prepare"),
    *("proposer", "propose moi", "suggere", "suggerer", "preparer", "offre"),
)
"""What begins the proposal of a deed."""

ABOVE = (
    *("more than", "over", "above", "older than", "beyond", "exceeding"),
    *("plus de", "plus d'", "superieures a", "superieur a", "au dela de"),
)
AT_LEAST = ("at least", "au moins")
OR_MORE = ("or more", "ou plus")
BELOW = (
    *("less than", "fewer than", "below", "under"),
    *("moins de", "moins d'", "en dessous de", "sous", "inferieures a", "inferieur a"),
)
LAST = frozenset({"last", "past"})
LAST_BEHIND = frozenset({"derniers", "dernieres", "derniere", "dernier", "passee", "passees"})

SMALL = frozenset(
    (
        "please also then to the a an all any each every of for on in from our my your their its them those these"
        " that which who is are ones one it with and by as so me us this there over during within"
        " de d' du des le la les l' un une tous toutes tout chaque pour sur dans en a au aux nos mes mon ma notre ses"
        " leur leurs qui sont est que qu' celles ceux celle celui ci y et avec par moi nous lui aussi puis ensuite"
        " depuis pendant il s' te plait"
    ).split()
)
"""Words that only join others."""
