"""Terms and changes in plain words, for pages and documents. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from triservice.access.agreements.comparing import START, Change, Some, What
from triservice.access.agreements.text import TermText
from triservice.access.compiling import FOREVER
from triservice.kernel.access_words import Mode, Role, Vetting
from triservice.kernel.words import long_date

PLURALS: Mapping[Role, str] = {
    Role.OFFICER: "officers",
    Role.TEAM_LEADER: "team leaders",
    Role.TASKING_LEAD: "tasking leads",
    Role.REFERRER: "referrers",
    Role.DATA_OWNER: "data owners",
    Role.CALDICOTT_GUARDIAN: "Caldicott guardians",
    Role.DATA_PROTECTION_LEAD: "data protection leads",
    Role.ANALYST: "analysts",
    Role.TRAINER: "trainers",
    Role.PROGRAMME_MANAGER: "programme managers",
    Role.BOARD_MEMBER: "board members",
    Role.FINANCE: "finance and evaluation",
    Role.ADMINISTRATOR: "system administrators",
}


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return "a, b and c"."""
    said = [str(word) for word in words]
    return f" {last} ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def field_words(names: Iterable[str]) -> str:
    """Return names of fields as words."""
    return listed(name.replace("_", " ") for name in names)


def term_sentences(
    term: TermText, names: Mapping[int, str], areas: Mapping[str, str] | None = None
) -> list[str]:
    """Return what a term says in plain sentences; the first says who, what and for what."""
    giver = names.get(term.from_agency, "An agency that is not known")
    taker = _taker(term, names)
    classes = f"{listed(term.data_classes)} data"
    purposes = listed(term.purposes, "or")
    for_what = f"for {purposes}" if purposes else ""
    if term.mode == Mode.NEVER:
        said = [f"{giver} never lets {taker} see {classes} {for_what}".strip() + "."]
    elif term.counts_only:
        said = [f"{giver} lets {taker} count {classes} {for_what}, without seeing any record."]
    elif term.mode == Mode.ON_APPROVAL:
        said = [f"{giver} lets {taker} see {classes} {for_what}, each time after it has approved."]
    else:
        said = [f"{giver} lets {taker} see {classes} {for_what}."]
    return [*said, *_limits(term, areas or {})]


def _taker(term: TermText, names: Mapping[int, str]) -> str:
    agency = names.get(term.to_agency or 0, "")
    role = PLURALS[Role(term.to_role)] if term.to_role in set(Role) else term.to_role
    if role and agency:
        return f"{role} of {agency}"
    return f"{role} of every party" if role else agency or "nobody"


def _limits(term: TermText, areas: Mapping[str, str]) -> Iterable[str]:
    if not term.every_field:
        only = "Only these fields" if term.mode != Mode.NEVER else "This closes only these fields"
        yield f"{only}: {field_words(term.fields) or 'none'}."
    if not term.everywhere:
        places = listed(areas.get(code, code) for code in term.areas)
        yield f"{'Only' if term.mode != Mode.NEVER else 'This closes only'} in {places or 'none'}."
    if conditions := _conditions(term):
        yield f"The reader must {listed(conditions)}."
    if term.small_number > 1:
        yield f"Counts below {term.small_number} are not shown."
    if term.existence:
        yield "That a record exists may be known, and whom to call."
    if term.offline:
        yield "It may be kept, sealed, on an officer’s phone for a shift without signal."
    if term.valid_from:
        yield f"From {day(term.valid_from)}."
    if term.valid_until:
        yield f"Until {day(term.valid_until)}."
    if term.note:
        yield f"Note: {term.note}"


def _conditions(term: TermText) -> list[str]:
    checks = (
        (term.min_vetting > Vetting.NONE, f"be vetted to {Vetting(term.min_vetting).name}"),
        (term.needs_training, "have current information sharing training"),
        (term.needs_duty, "be on duty"),
        (term.needs_case, "work on a case of the person"),
    )
    return [said for holds, said in checks if holds]


def day(moment: datetime) -> str:
    """Return "27 March 2026", here."""
    return long_date(timezone.localtime(moment))


def ends(moment: datetime) -> str:
    """Return the end of a period: the last whole day where it ends at midnight, else the moment."""
    local = timezone.localtime(moment)
    if (local.hour, local.minute) == (0, 0):
        return f"the end of {day(moment - timedelta(minutes=1))}"
    return f"{day(moment)} at {local:%H:%M}"


def change_sentence(change: Change, names: Mapping[int, str]) -> str:
    """Return a change between two versions as one sentence."""
    roles = listed(PLURALS[role] for role in change.roles)
    who = f"{roles[:1].upper()}{roles[1:]} of "
    who += listed(names.get(agency, str(agency)) for agency in change.agencies)
    owners = listed(names.get(owner, str(owner)) for owner in change.owners)
    data = f"{listed(change.data_classes)} data of {owners}"
    return f"{who} {_verb(change, data)} for {listed(change.purposes)}{_narrowing(change)}."


def _verb(change: Change, data: str) -> str:
    was, now = change.before.words, change.after.words
    if change.what is What.KNOW:
        return f"{'may now' if change.gains else 'may no longer'} know that there is {data}"
    if change.what is What.KEEP:
        return f"{'may now' if change.gains else 'may no longer'} keep on a phone {data}"
    if change.what is What.COUNT:
        if not change.after.rank:
            return f"may no longer count {data}"
        return f"may now count {data}, {now}" + (f" (before: {was})" if change.before.rank else "")
    if not change.after.rank:
        return f"may no longer see {data}" + (" on approval" if was == "on approval" else "")
    if not change.before.rank:
        return f"may now see {data}" + (" on approval" if now == "on approval" else "")
    return f"may now see {data} without asking" if change.gains else f"must now ask to see {data}"


def _narrowing(change: Change) -> str:
    parts: list[str] = []
    if not change.fields.everything:
        parts.append(_some("field", change.fields))
    if not change.areas.everything:
        parts.append(_some("area", change.areas))
    parts += change.conditions
    parts += [_period(*period) for period in change.periods]
    return "".join(f", {part}" for part in parts)


def _some(noun: str, some: Some) -> str:
    names: Sequence[str] = [name.replace("_", " ") for name in some.names]
    if some.others:
        return f"every {noun} but {listed(names)}"
    return f"{noun if len(names) == 1 else noun + 's'} {listed(names)}"


def _period(starts: datetime, ends: datetime) -> str:
    if starts == START:
        return f"until {day(ends)}"
    return f"from {day(starts)}" + ("" if ends == FOREVER else f" until {day(ends)}")
