"""Names as people write and say them: plain words, sounds, slips of the pen. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_PLAIN = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ł": "l"})
_JOINED = re.compile(r"(?<=[a-z])['’ʼ`](?=[a-z])")  # O'Neill is oneill, not o and neill

# Applied in this order to a plain word; what a word sounds like, not what language it is from.
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^(?:mac|mc)(?=[a-z]{2})", "mk"),
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^wh", "w"),
        (r"^x", "s"),
        (r"ough|augh", "of"),
        (r"igh|eigh", "i"),
        (r"gh(?=[^aeiouy]|$)", ""),
        (r"ph", "f"),
        (r"v", "f"),
        (r"tch", "x"),
        (r"sch|sh|ch|ti(?=on)|ci(?=a)", "x"),
        (r"th", "0"),
        (r"dg(?=[eiy])", "j"),
        (r"g(?=[eiy])", "j"),
        (r"ck|q(?:u)?", "k"),
        (r"sc(?=[eiy])|c(?=[eiy])|z", "s"),
        (r"c", "k"),
        (r"x(?=[^aeiouy0-9]*$)", "x"),
        (r"mb$", "m"),
        (r"(?<=[a-z])[hw](?=[^aeiouy]|$)", ""),
        (r"(?<=[aeiouy])h", ""),
        (r"(.)\1+", r"\1"),
        (r"^[aeiouy]+", "a"),
        (r"(?<!^)[aeiouy]", ""),
        (r"(.)\1+", r"\1"),
    )
)

# Everyday short forms; each line is one circle, read both ways.
_CIRCLES = """
alexander alex sandy xander
andrew andy drew
anthony antony tony
benjamin ben benny
catherine katherine kathryn kate katie cathy kathy
charles charlie chas
christine christina chris tina
christopher chris kit
daniel dan danny
david dave davey
deborah deb debbie
dorothy dot dottie
edward ed eddie ted ned
elizabeth liz lizzie beth betty eliza elsie
frances fran
francis frank
frederick fred freddie
geoffrey jeffrey geoff jeff
gerald gerry jerry
harold harry
henry harry hal
james jim jimmy jamie
jennifer jen jenny
john jack johnny
joseph joe
joshua josh
kenneth ken kenny
lawrence laurence larry
leonard len lenny
margaret maggie meg peggy marge
matthew matt
michael mike mick
nicholas nick nicky
patricia pat patty tricia trish
patrick pat paddy
peter pete
philip phillip phil
rebecca becky becca
richard rick dick richie
robert rob bob bobby robbie
ronald ron ronnie
samuel sam sammy
samantha sam
sarah sally sadie
stephen steven steve
susan susanna sue susie
terence terry
theresa teresa terry tess
thomas tom tommy
timothy tim
victoria vicky tori
walter walt wally
william bill billy will willy liam
"""
_SHORT_FORMS: dict[str, frozenset[str]] = {}
for _circle in _CIRCLES.split("\n"):
    for _name in _circle.split():
        _SHORT_FORMS[_name] = _SHORT_FORMS.get(_name, frozenset()) | frozenset(_circle.split())


@lru_cache(maxsize=50_000)  # a delivery tells the same names and streets again and again
def plain(text: str) -> str:
    """Return `text` in lower case, letters without accents, words split by one space.

    >>> plain("  Seán O’Neill-Trevanion ")
    'sean oneill trevanion'
    """
    bare = _JOINED.sub("", text.lower())
    if not bare.isascii():
        apart = unicodedata.normalize("NFKD", bare.translate(_PLAIN))
        bare = "".join(c for c in apart if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare).strip()


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """Return what a plain word sounds like; numbers and very short words have no sound.

    >>> sound("smyth") == sound("smith"), sound("catherine") == sound("kathryn")
    (True, True)
    """
    if len(word) < 3 or any(c.isdigit() for c in word):
        return ""
    for pattern, to in _SOUNDS:
        word = pattern.sub(to, word)
    return word[:12]


def short_forms(word: str) -> frozenset[str]:
    """Return the everyday short and long forms of a given name, itself left out."""
    return _SHORT_FORMS.get(word, frozenset()) - {word}


def forms(word: str) -> set[str]:
    """Return the word and the word with any one letter left out.

    Two words within one slip (a letter wrong, missing, added, or two swapped) share a form.
    Numbers and words under four letters have none but themselves: a slip there is another word.
    """
    if len(word) < 4 or word.isdigit():
        return {word}
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def one_slip(one: str, other: str) -> bool:
    """Whether two words are one slip apart: a letter wrong, missing or added, or two swapped.

    That is an optimal string alignment distance of 1 (Damerau 1964): what differs between the
    beginning and the end that both share is at most one letter each, or two the other way round.
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    shortest = min(len(one), len(other))
    begin = next((n for n in range(shortest) if one[n] != other[n]), shortest)
    one, other = one[begin:], other[begin:]
    shortest = min(len(one), len(other))
    end = next((n for n in range(shortest) if one[-1 - n] != other[-1 - n]), shortest)
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) == 1 or (len(one) == 2 and one == other[::-1])


def likeness(asked: str, word: str) -> float:
    """Return how like two plain words are, 1 the same to 0 not at all. A rule of its own two words.

    It never depends on what else is stored, so that a ranking tells nothing of what is withheld.
    """
    if asked == word:
        return 1.0
    if word in _SHORT_FORMS.get(asked, ()):
        return 0.9
    if min(len(asked), len(word)) >= 4 and one_slip(asked, word):
        return 0.8
    if sound(asked) and sound(asked) == sound(word):
        return 0.7
    return 0.0
