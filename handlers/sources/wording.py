"""How people word the NPS question, its follow-up and the fields beside them, in five languages."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

RECOMMEND = re.compile(
    r"recommend|likely.* refer\b|net ?promot|\bnps\b"
    r"|rekommend|tipsar? .*(van|kolleg|bekant|andra)|anbefal|tilra\b|suositt?el"
)
"""The NPS question, in folded words."""

LIKELY = re.compile(
    r"how likely|hur (sannolik|trolig)|hvor (sann|sand)synlig|kor sannsynleg|kuinka todennak|miten todennak"
)
"""How it begins; of itself not enough, as one may ask how likely people are to come back."""

WHY = re.compile(
    r"why|reason|comment|feedback|improve|better|explain|elaborate|thoughts|tell us"
    r"|varfor|anledning|orsak|kommentar|battre|forbattr|motiver|utveckla|beratta"
    r"|hvorfor|kvifor|utdyp|uddyb|(?<!bak)(?<!bag)grun[nd]|arsak|arsag|bedre|forbedr|begrunn|fortell|fortael|tilbakemelding|aterkoppling"
    r"|miksi|\bsyy|perustel|kommentti|palaute|paremmin|paranta|kerro"
)
"""The question after it, in folded words."""

_MAY_WE_CALL = re.compile(r"\b(contact|kontakt|call you|ring[ae]\b|yhtey)")

_NAMES = {
    "name": """name, full name, display name, namn, fullstandigt namn, navn, fullt navn, fulde navn, nimi, koko nimi,
        customer name, contact name, respondent name, vad heter du, hva heter du, hvad hedder du, nimesi""",
    "first name": "first name, firstname, given name, recipient first name, fornamn, fornavn, etunimi",
    "last name": """last name, lastname, surname, family name, recipient last name, efternamn, etternavn, efternavn,
        sukunimi""",
    "email": """email, e mail, mail, email address, e mail address, contact email, customer email, recipient email,
        epost, e post, epostadress, e postadress, mailadress, epostadresse, e postadresse, emailadresse, e mailadresse,
        mailadresse, sahkoposti, sahkopostiosoite, sahkopostiosoitteesi""",
    "company": """company, company name, organization, organisation, organization name, account name, foretag,
        foretagsnamn, foretagets namn, bolag, firma, firmanavn, bedrift, bedriftsnavn, selskap, virksomhed,
        virksomhedsnavn, yritys, yrityksesi, yrityksen nimi, organisaatio""",
    "phone": """phone, phone number, telephone, telephone number, mobile, mobile number, mobile phone, telefon,
        telefonnummer, mobil, mobilnummer, mobiltelefon, puhelin, puhelinnumero, puhelinnumerosi, matkapuhelin""",
    "language": "language, lang, locale, sprak, sprog, kieli",
    "touchpoint": "touchpoint, touch point, kontaktpunkt, kosketuspiste",
}
CALLED = {name: frozenset(" ".join(said.split()).split(", ")) for name, said in _NAMES.items()}
"""Folded words that mean a thing about a person when a field or question is called so and nothing more."""

_POLITE = re.compile(
    r"^(what is |whats |what s |(please )?enter |vad ar |hva er |hvad er |mika on )?(your |din |ditt |dit )?"
)
_OPTIONAL = re.compile(r" (optional|valfritt|frivillig|frivilligt|valgfri|valgfritt|valgfrit|vapaaehtoinen)$")


@lru_cache(maxsize=4096)  # a survey's questions come again and again
def fold(said: str) -> str:
    """Return plain lower-case words without accents, signs or camelCase: "E-post" is e post, firstName first name."""
    apart = re.sub(r"(?<=[^\W\d_])(?=[A-ZÅÄÖÆØ][a-zåäöæø])|(?<=[a-zåäöæø])(?=[A-ZÅÄÖÆØ])", " ", said)
    plain = unicodedata.normalize("NFKD", apart.casefold()).replace("ø", "o").replace("æ", "ae")
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters).strip()


def asks_to_recommend(words: str) -> bool:
    """Tell whether folded words ask the NPS question."""
    return RECOMMEND.search(words) is not None


def asks_why(words: str) -> bool:
    """Tell whether folded words ask for the reason of a score; whether one may call about it is another question."""
    return WHY.search(words) is not None and _MAY_WE_CALL.search(words) is None


def means(words: str, name: str) -> bool:
    """Tell whether folded words call a thing, such as company, by its name, perhaps politely."""
    bare = _OPTIONAL.sub("", words)
    return bare in CALLED[name] or _POLITE.sub("", bare, count=1) in CALLED[name]
