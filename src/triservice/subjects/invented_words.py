"""Words of the invented partnership. Family names are put together from two halves."""

from __future__ import annotations

_FEMALE = """
Alice Amelia Anna Beatrice Bethan Caroline Catherine Charlotte Christine Daisy Demelza Dorothy
Edith Elizabeth Ella Emma Florence Frances Grace Hannah Helen Ivy Jane Jenna Jennifer Jessica
Joan Julia Karen Kerensa Laura Lily Loveday Lowenna Margaret Maria Martha Mary Megan Morwenna
Nina Olive Patricia Rachel Rebecca Rosemary Ruth Samantha Sarah Sophie Susan Tamsin Theresa
Tressa Victoria Wenna Zoe
"""
_MALE = """
Adam Alan Alexander Andrew Anthony Arthur Benjamin Branok Brian Cador Charles Christopher Colin
Daniel David Denzel Edward Frederick Gareth George Gerald Harold Henry Hugh Ian Jago James Jory
John Joseph Joshua Kenneth Kevin Lawrence Leonard Malcolm Martin Matthew Michael Nicholas Oliver
Patrick Perran Peter Philip Piran Raymond Richard Robert Ronald Samuel Simon Stephen Thomas
Timothy Walter William
"""
_BEGINS = """
Tre Pol Pen Bos Car Nan Ros Chy Ker Lan Bar Cro Dun El Fen Gar Hal Kit Lis Mor Nor Ol Par Quil
Rad Sel Tam Ul Ven War Yel Zel Bray Cul Der Eg Far Gol Hen Ing
"""
_ENDS = """
vanion garth mellow withen rowan gellis thorne doran wick ferris bourne castle dinnis ellin
forth gorran harvose issey jory kestle lannick menor nance ogan pascoe quite ruthen senna
tallack ureth vose wartha yarrow zance brook coombe dale eaves field grove hurst worthy more
"""
_STREETS = """
Fore Street
Chapel Road
Harbour View
Mill Lane
Well Park
Church Terrace
Quay Hill
Moor Close
Station Road
Rose Walk
School Lane
Cliff Road
Meadow Rise
Orchard Way
Carn Brae
Old Coach Road
"""
_VILLAGES = """
Porthinvent
St Nowhere
Lanfeign
Trefancy
Polmyth
Carnfable
Nanfiction
Rosmadeup
Penimagine
Boslegend
Chypretend
Kerdream
"""

GIVEN = {"female": _FEMALE.split(), "male": _MALE.split()}
NAME_BEGINS = _BEGINS.split()
NAME_ENDS = _ENDS.split()
STREETS = _STREETS.strip().split("\n")
VILLAGES = [f"{name} (invented)" for name in _VILLAGES.strip().split("\n")]
LANGUAGES = ("Polish", "Ukrainian", "Romanian", "Welsh", "British Sign Language", "Portuguese")
CONCERNS = ("possible self-neglect", "possible financial abuse", "a child often missing")

# kind of agency → (record, data class, roles, summary, details)
Event = tuple[str, str, tuple[str, ...], str, dict[str, tuple[object, ...]]]
EVENTS: dict[str, tuple[Event, ...]] = {
    "police": (
        (
            "crime report",
            "police",
            ("victim", "witness", "suspect"),
            "burglary of a dwelling",
            {"crime_type": ("burglary",), "outcome": ("under investigation", "no suspect found")},
        ),
        (
            "crime report",
            "police",
            ("victim", "suspect"),
            "criminal damage",
            {"crime_type": ("criminal damage",), "outcome": ("charged", "no further action")},
        ),
        (
            "incident",
            "police",
            ("caller", "at risk"),
            "concern for someone's welfare",
            {"grade": ("immediate", "prompt", "scheduled")},
        ),
        (
            "anti-social behaviour report",
            "police",
            ("caller", "suspect", "victim"),
            "noise and nuisance",
            {"repeat": ("yes", "no", "not known")},
        ),
    ),
    "fire": (
        (
            "home fire safety visit",
            "fire",
            ("resident", "at risk"),
            "visit with advice",
            {"alarms_fitted": (0, 1, 2, 3), "smoker": ("yes", "no", "not known")},
        ),
        (
            "fire incident",
            "fire",
            ("resident", "witness"),
            "cooking left alone",
            {"room": ("kitchen", "bedroom", "living room"), "injuries": (0, 0, 0, 1)},
        ),
        (
            "call to a person at home",
            "fire",
            ("at risk",),
            "entry for the ambulance service",
            {"damage": ("none", "door")},
        ),
    ),
    "ambulance": (
        (
            "call",
            "ambulance",
            ("patient",),
            "fall at home",
            {"conveyed": ("yes", "no"), "category": (2, 3, 4)},
        ),
        (
            "call",
            "ambulance",
            ("patient", "caller"),
            "breathing difficulty",
            {"conveyed": ("yes", "no"), "category": (1, 2)},
        ),
    ),
    "health": (
        (
            "community nursing referral",
            "health",
            ("patient",),
            "frailty review",
            {"frailty": ("mild", "moderate", "severe"), "falls_last_year": (0, 1, 2, 4)},
        ),
        (
            "long-term condition",
            "health",
            ("patient",),
            "oxygen at home",
            {"oxygen": ("yes",), "reviewed": ("yes", "not known")},
        ),
    ),
    "council": (
        (
            "tenancy",
            "household",
            ("resident",),
            "council tenancy",
            {"tenure": ("social rent", "supported housing")},
        ),
        (
            "assisted bin collection",
            "household",
            ("resident",),
            "help with bins",
            {"reason": ("age", "disability", "not known")},
        ),
        (
            "adult social care contact",
            "social care",
            ("at risk", "carer"),
            "request for support",
            {"outcome": ("assessment", "advice", "care package")},
        ),
    ),
}
# warning, on whom, to whom it matters, what it rests on
MARKERS = (
    ("dangerous dog", "premises", "Anyone who visits", "a postman's report"),
    ("oxygen in use", "premises", "Fire crews, and anyone who smokes", "the oxygen supplier"),
    ("hoarding", "premises", "Anyone who goes in", "a home fire safety visit"),
    ("has threatened staff", "person", "Lone workers", "a report by a housing officer"),
    ("hard of hearing", "person", "Anyone who rings the bell", "the person told us"),
    ("weapon seen", "person", "Anyone who visits", "a neighbour, not confirmed"),
)
