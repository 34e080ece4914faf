"""A small scheme and an instrument, as files, for tests to bend. Everything in them is invented."""

from __future__ import annotations

from pathlib import Path

INSTRUMENT = """\
instrument = "cold"
version = 1
name = "Cold"
text = "own words"
licence = "free"
source = "invented"
summary = "One number."

[[question]]
id = "temperature"
text = "Temperature"
kind = "number"
data_class = "household"
unit = "°C"
low = -10
high = 45
decimals = 1
"""
SCHEME = """\
scheme = "small"
version = 1
name = "Small"
summary = "A scheme for tests."
lead = "fire"
purpose = "prevention visit"
agreement_purposes = ["prevention visit"]
about = "household"
referrers = ["police", "self"]

[targets]
"very high" = { first_contact = "4 hours", visit = "24 hours" }
high = { first_contact = "1 day", visit = "3 days" }
medium = { first_contact = "1 week", visit = "2 weeks" }
low = { first_contact = "2 weeks", visit = "4 weeks" }

[forms.referral]
title = "Refer"

[[forms.referral.part]]
title = "Who"
data_class = "risk"

[[forms.referral.part.question]]
id = "person"
text = "Who?"
kind = "person"
data_class = "identity"
required = true

[[forms.referral.part.question]]
id = "smokes"
text = "Does anyone smoke?"
kind = "yes/no"

[[forms.referral.part.question]]
id = "daily"
text = "How many cigarettes a day?"
kind = "number"
low = 0
high = 100
show_if = "smokes = yes"
required_if = "smokes = yes"

[[forms.referral.part.question]]
id = "dangers"
text = "What dangers are there?"
kind = "multi"
options = ["oxygen", "creams", "none", "not known"]

[forms.visit]
title = "Visit"

[[forms.visit.part]]
title = "Warmth"
instrument = "cold@1"

[[forms.visit.part.question]]
id = "smokes"
as_in = "referral"

[[forms.visit.part.question]]
id = "alarms"
text = "Are there alarms?"
kind = "choice"
data_class = "fire"
options.all = "On every floor"
options.some = "Some"
options.none = "None"

[[score]]
id = "danger"
name = "Danger"
points.smokes.yes = 2
points.alarms = { some = 1, none = 3 }

[[score.band]]
from = 3
name = "much"

[[risk.trigger]]
tier = "very high"
if = "dangers has oxygen and smokes = yes"
reason = "Oxygen and smoking, {daily} a day"

[[risk.points]]
if = "danger >= 3"
points = 2
reason = "Danger {danger}"

[[risk.points]]
if = "years(person) >= 80"
points = 1
reason = "Aged 80 or over"

[risk.thresholds]
medium = 1
high = 3

[[triage]]
outcome = "decline"
if = "smokes = no and dangers has none"
reason = "Nothing to do"

[[need]]
id = "warmth"
name = "Warmth"
domain = "home"
if = "temperature < 18"
reason = "It is {temperature}"
actions = ["advise"]

[[action]]
id = "advise"
name = "Advise"
domain = "home"
kind = "advice"

[[route]]
id = "warm-homes"
name = "Warm homes"
to = "council"
service = "Council"
consent = "onward"

[[consent]]
id = "onward"
name = "Onward"
text = "I agree."
asked_of = "person"
before = ["onward referral"]

[retention]
class = "visit"
years = 6
starts = "case closed"
source = "invented"

[[fact]]
id = "people"
text = "People"
value = 12
unit = "people"
source = "invented"

[[fact]]
id = "money"
text = "Money"
value = 100
unit = "£"
source = "invented"

[[fact]]
id = "each"
text = "Each"
value = 8.33
unit = "£"
source = "invented"
works_out = ["divide", "money", "people"]
"""


def write_scheme(folder: Path, text: str = SCHEME, name: str = "small") -> Path:
    """Write a scheme with its instrument into a folder; return the file of the scheme."""
    (folder / "instruments").mkdir(parents=True, exist_ok=True)
    (folder / "instruments" / "cold.toml").write_text(INSTRUMENT, encoding="utf-8")
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def line_of(text: str, piece: str) -> int:
    """Return the line on which a piece of text begins."""
    return text[: text.index(piece)].count("\n") + 1
