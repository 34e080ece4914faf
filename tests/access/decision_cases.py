"""The cells of the decision table: what differs from the usual case, and the reason it gives.

Usual is: police open their class to fire for prevention visits, an officer of fire reads, at noon.
`around` names a step of `decision_scene.Scene`. Whatever is not listed as open denies.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from protected_things import subject

from partnership import END, NOON
from triservice.access.models import AgreementVersion
from triservice.access.rules import Use
from triservice.kernel.access_words import DataClass, Marking, Mode, Purpose, Reason, Role, Vetting

SECOND = timedelta(seconds=1)
State = AgreementVersion.State
SENSITIVE = str(Marking.OFFICIAL_SENSITIVE)

# what differs: version / term / row / reader / officer / around → the reason
CASES: dict[str, tuple[dict[str, Any], Reason]] = {
    # the usual: police open their class to fire, for prevention visits
    "open": ({}, Reason.TERM_OPEN),
    "own data": ({"row": {"owner": "fire"}}, Reason.OWN_DATA),
    # agency
    "to another agency": ({"term": {"to_agency": "council"}}, Reason.NO_TERM),
    "from another agency": ({"row": {"owner": "council"}}, Reason.NO_TERM),
    "owner is not a party": ({"version": {"parties": ["fire", "council"]}}, Reason.NO_TERM),
    "reader is not a party": ({"version": {"parties": ["police", "council"]}}, Reason.NO_TERM),
    "party without lawful basis": ({"around": "no_basis"}, Reason.NO_TERM),
    # class
    "another class": ({"row": {"data_class": DataClass.FIRE}}, Reason.NO_TERM),
    "class unknown to the rules": ({"row": {"data_class": "gossip"}}, Reason.UNKNOWN),
    "class blank": ({"row": {"data_class": ""}}, Reason.UNKNOWN),
    "own data of an unknown class": (
        {"row": {"owner": "fire", "data_class": "gossip"}},
        Reason.UNKNOWN,
    ),
    "term names a class unknown to the rules": ({"term": {"classes": ["gossip"]}}, Reason.NO_TERM),
    "term names no class": ({"term": {"classes": []}}, Reason.NO_TERM),
    # purpose
    "another purpose": ({"reader": {"purpose": Purpose.TASKING}}, Reason.PURPOSE),
    "no purpose": ({"reader": {"purpose": None}}, Reason.NO_PURPOSE),
    "no purpose, own data": (
        {"reader": {"purpose": None}, "row": {"owner": "fire"}},
        Reason.NO_PURPOSE,
    ),
    "term names no purpose": ({"term": {"purposes": []}}, Reason.PURPOSE),
    # state and dates of the version
    "draft": ({"version": {"state": State.DRAFT}}, Reason.NO_TERM),
    "agreed, not yet in force": ({"version": {"state": State.AGREED}}, Reason.NO_TERM),
    "suspended": ({"version": {"state": State.SUSPENDED}}, Reason.NOT_IN_FORCE),
    "expired": ({"version": {"state": State.EXPIRED}}, Reason.NOT_IN_FORCE),
    "ended": ({"version": {"state": State.ENDED}}, Reason.NOT_IN_FORCE),
    "state unknown": ({"version": {"state": "whatever"}}, Reason.NO_TERM),
    "starts this second": ({"version": {"starts": NOON}}, Reason.TERM_OPEN),
    "starts next second": ({"version": {"starts": NOON + SECOND}}, Reason.NOT_IN_FORCE),
    "until next second": ({"version": {"until": NOON + SECOND}}, Reason.TERM_OPEN),
    "until this second": ({"version": {"until": NOON}}, Reason.NOT_IN_FORCE),
    # a later version counts, and an earlier one does not come back
    "replaced by a version without terms": ({"around": "later_in_force"}, Reason.NOT_IN_FORCE),
    "replaced by one then suspended": ({"around": "later_suspended"}, Reason.NOT_IN_FORCE),
    "replaced by one then ended": ({"around": "later_ended"}, Reason.NOT_IN_FORCE),
    "a later one is a draft": ({"around": "later_draft"}, Reason.TERM_OPEN),
    "a later one starts next second": ({"around": "later_starts_soon"}, Reason.TERM_OPEN),
    # dates of the term
    "term from this second": ({"term": {"valid_from": NOON}}, Reason.TERM_OPEN),
    "term from next second": ({"term": {"valid_from": NOON + SECOND}}, Reason.NOT_IN_FORCE),
    "term until next second": ({"term": {"valid_until": NOON + SECOND}}, Reason.TERM_OPEN),
    "term until this second": ({"term": {"valid_until": NOON}}, Reason.NOT_IN_FORCE),
    "term outlives its version": (
        {"version": {"until": NOON}, "term": {"valid_until": END}},
        Reason.NOT_IN_FORCE,
    ),
    # mode
    "on approval": ({"term": {"mode": Mode.ON_APPROVAL}}, Reason.NEEDS_APPROVAL),
    "never": ({"term": {"mode": Mode.NEVER}}, Reason.NEVER),
    "mode unknown": ({"term": {"mode": "maybe"}}, Reason.NO_TERM),
    "never beats open": ({"around": "never"}, Reason.NEVER),
    "never of another agreement beats open": ({"around": "never_elsewhere"}, Reason.NEVER),
    "never of a suspended agreement still holds": ({"around": "never_suspended"}, Reason.NEVER),
    "never of an expired agreement still holds": ({"around": "never_expired"}, Reason.NEVER),
    "never of an ended agreement is over": ({"around": "never_ended"}, Reason.TERM_OPEN),
    "never of a draft is not yet": ({"around": "never_draft"}, Reason.TERM_OPEN),
    "never to another agency": ({"around": "never_to_council"}, Reason.TERM_OPEN),
    "never to another role": ({"around": "never_to_analysts"}, Reason.TERM_OPEN),
    "never for another purpose": ({"around": "never_for_tasking"}, Reason.TERM_OPEN),
    "never in another area": (
        {"around": "never_in_e2", "row": {"area": "E1"}},
        Reason.TERM_OPEN,
    ),
    "never in this area": ({"around": "never_in_e2", "row": {"area": "E2"}}, Reason.NEVER),
    "never in an area, row's not known": ({"around": "never_in_e2"}, Reason.NEVER),
    "never of one field leaves the row": ({"around": "never_the_name"}, Reason.TERM_OPEN),
    "never of one field closes it": (
        {"around": "never_the_name", "field": "name"},
        Reason.NEVER,
    ),
    "counts only": ({"term": {"counts_only": True}}, Reason.NO_TERM),
    # fields
    "row of which a field is open": ({"term": {"fields": ["name"]}}, Reason.TERM_OPEN),
    "the open field": ({"term": {"fields": ["name"]}, "field": "name"}, Reason.TERM_OPEN),
    "another field": ({"term": {"fields": ["name"]}, "field": "born"}, Reason.FIELD),
    "a field that is not declared": ({"field": "no_such"}, Reason.UNKNOWN),
    # area
    "in the area": ({"term": {"areas": ["E1"]}, "row": {"area": "E1"}}, Reason.TERM_OPEN),
    "in another area": ({"term": {"areas": ["E1"]}, "row": {"area": "E2"}}, Reason.AREA),
    "area not known": ({"term": {"areas": ["E1"]}}, Reason.AREA),
    "term names no area": ({"term": {"areas": []}, "row": {"area": "E1"}}, Reason.AREA),
    "blank named as an area": ({"term": {"areas": [""]}}, Reason.AREA),
    # marking
    "sensitive, term asks no vetting": ({"row": {"marking": SENSITIVE}}, Reason.VETTING),
    "sensitive, vetting asked and met": (
        {"row": {"marking": SENSITIVE}, "term": {"min_vetting": Vetting.NPPV1}},
        Reason.TERM_OPEN,
    ),
    "sensitive, own data": ({"row": {"marking": SENSITIVE, "owner": "fire"}}, Reason.OWN_DATA),
    "marking unknown": ({"row": {"marking": "SECRET"}}, Reason.UNKNOWN),
    "marking blank": ({"row": {"marking": ""}}, Reason.UNKNOWN),
    # conditions
    "vetting reached": ({"term": {"min_vetting": Vetting.NPPV2}}, Reason.TERM_OPEN),
    "vetting too low": ({"term": {"min_vetting": Vetting.NPPV3}}, Reason.VETTING),
    "vetting ends today": (
        {"term": {"min_vetting": Vetting.NPPV1}, "officer": {"vetting_until": NOON.date()}},
        Reason.VETTING,
    ),
    "vetting without an end": (
        {"term": {"min_vetting": Vetting.NPPV1}, "officer": {"vetting_until": None}},
        Reason.VETTING,
    ),
    "training current": ({"term": {"needs_training": True}}, Reason.TERM_OPEN),
    "training ended today": (
        {"term": {"needs_training": True}, "officer": {"training_until": NOON.date()}},
        Reason.TRAINING,
    ),
    "training not recorded": (
        {"term": {"needs_training": True}, "officer": {"training_until": None}},
        Reason.TRAINING,
    ),
    "off duty": ({"term": {"needs_duty": True}}, Reason.OFF_DUTY),
    "on duty": ({"term": {"needs_duty": True}, "around": "on_duty"}, Reason.TERM_OPEN),
    "no case": ({"term": {"needs_case": True}, "row": {"subject_key": subject(1)}}, Reason.NO_CASE),
    "no case and no subject": ({"term": {"needs_case": True}}, Reason.NO_CASE),
    "case": (
        {"term": {"needs_case": True}, "row": {"subject_key": subject(1)}, "around": "case"},
        Reason.TERM_OPEN,
    ),
    "case of another": (
        {"term": {"needs_case": True}, "row": {"subject_key": subject(2)}, "around": "case"},
        Reason.NO_CASE,
    ),
    # roles
    "role reads nothing": ({"reader": {"role": Role.BOARD_MEMBER}}, Reason.ROLE),
    "administrator": ({"reader": {"role": Role.ADMINISTRATOR}}, Reason.ROLE),
    "administrator, own data": (
        {"reader": {"role": Role.ADMINISTRATOR}, "row": {"owner": "fire"}},
        Reason.ROLE,
    ),
    "administrator named by a term": (
        {"reader": {"role": Role.ADMINISTRATOR}, "term": {"to_role": Role.ADMINISTRATOR}},
        Reason.ROLE,
    ),
    "analyst, own data": (
        {"reader": {"role": Role.ANALYST}, "row": {"owner": "fire"}},
        Reason.ROLE,
    ),
    "analyst named by a term": (
        {"reader": {"role": Role.ANALYST}, "term": {"to_role": Role.ANALYST}},
        Reason.TERM_OPEN,
    ),
    "term to another role": ({"term": {"to_role": Role.TEAM_LEADER}}, Reason.ROLE),
    "term to a role of any party": (
        {"term": {"to_agency": None, "to_role": Role.OFFICER}},
        Reason.TERM_OPEN,
    ),
    # restrictions and conflicts beat everything
    "restricted": ({"around": "restricted"}, Reason.RESTRICTED),
    "restricted, own data": ({"around": "restricted", "row": {"owner": "fire"}}, Reason.RESTRICTED),
    "restricted, reader on the list": ({"around": "listed"}, Reason.TERM_OPEN),
    "listed, but nothing opens it": (
        {"around": "listed", "term": {"to_agency": "council"}},
        Reason.NO_TERM,
    ),
    "listed until this second": ({"around": "listed_until_now"}, Reason.RESTRICTED),
    "restriction lifted": ({"around": "lifted"}, Reason.TERM_OPEN),
    "restriction lifted next second": ({"around": "lifted_soon"}, Reason.RESTRICTED),
    "conflict of interest": (
        {"around": "conflict", "row": {"subject_key": subject(1)}},
        Reason.CONFLICT,
    ),
    "conflict of interest, own data": (
        {"around": "conflict", "row": {"subject_key": subject(1), "owner": "fire"}},
        Reason.CONFLICT,
    ),
    "conflict with another": (
        {"around": "conflict", "row": {"subject_key": subject(2)}},
        Reason.TERM_OPEN,
    ),
    "conflict ended": (
        {"around": "conflict_ended", "row": {"subject_key": subject(1)}},
        Reason.TERM_OPEN,
    ),
    # approval
    "approved": ({"term": {"mode": Mode.ON_APPROVAL}, "around": "approved"}, Reason.APPROVED),
    "approved, but the term is never": (
        {"term": {"mode": Mode.NEVER}, "around": "approved"},
        Reason.NEVER,
    ),
    "approved, but suspended": (
        {
            "term": {"mode": Mode.ON_APPROVAL},
            "around": "approved",
            "version": {"state": State.SUSPENDED},
        },
        Reason.NOT_IN_FORCE,
    ),
    "approved without a term": (
        {"term": {"to_agency": "council"}, "around": "approved"},
        Reason.NO_TERM,
    ),
    "approved until this second": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_until_now"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved from next second": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_soon"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved and revoked": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "revoked"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved for another purpose": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_for_tasking"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved another row": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_another_row"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved to a colleague": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_to_colleague"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved fields, row": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_name"},
        Reason.APPROVED,
    ),
    "approved field": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_name", "field": "name"},
        Reason.APPROVED,
    ),
    "field beside the approved": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_name", "field": "born"},
        Reason.NEEDS_APPROVAL,
    ),
    "approved a field that the term does not have": (
        {
            "term": {"mode": Mode.ON_APPROVAL, "fields": ["born"]},
            "around": "approved_name",
            "field": "name",
        },
        Reason.FIELD,
    ),
    "approved, restricted": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "approved_restricted"},
        Reason.RESTRICTED,
    ),
    # break-glass
    "broken glass": (
        {"term": {"to_agency": "council"}, "around": "glass"},
        Reason.BREAK_GLASS,
    ),
    "broken glass before approval": (
        {"term": {"mode": Mode.ON_APPROVAL}, "around": "glass"},
        Reason.BREAK_GLASS,
    ),
    "broken glass, never": ({"term": {"mode": Mode.NEVER}, "around": "glass"}, Reason.NEVER),
    "broken glass, suspended": (
        {"version": {"state": State.SUSPENDED}, "around": "glass"},
        Reason.NOT_IN_FORCE,
    ),
    "broken glass, owner not a party": (
        {"version": {"parties": ["fire", "council"]}, "around": "glass"},
        Reason.NO_TERM,
    ),
    "broken glass, role reads nothing": (
        {"reader": {"role": Role.BOARD_MEMBER}, "around": "glass"},
        Reason.ROLE,
    ),
    # kept on a phone
    "offline": ({"use": Use.OFFLINE, "term": {"offline": True}}, Reason.TERM_OPEN),
    "offline, the term says nothing of it": ({"use": Use.OFFLINE}, Reason.NOT_OFFLINE),
    "offline, a field that the term does not have": (
        {"use": Use.OFFLINE, "term": {"offline": True, "fields": ["born"]}, "field": "name"},
        Reason.FIELD,
    ),
    "offline, health where a term says so": (
        {
            "use": Use.OFFLINE,
            "term": {"offline": True, "classes": [DataClass.HEALTH]},
            "row": {"data_class": DataClass.HEALTH},
        },
        Reason.TERM_OPEN,
    ),
    "offline, own data": ({"use": Use.OFFLINE, "row": {"owner": "fire"}}, Reason.OWN_DATA),
    "offline, own health data": (
        {"use": Use.OFFLINE, "row": {"owner": "fire", "data_class": DataClass.HEALTH}},
        Reason.NOT_OFFLINE,
    ),
    "offline, approved": (
        {
            "use": Use.OFFLINE,
            "term": {"mode": Mode.ON_APPROVAL, "offline": True},
            "around": "approved",
        },
        Reason.APPROVED,
    ),
    "offline, approved to be read only": (
        {"use": Use.OFFLINE, "term": {"mode": Mode.ON_APPROVAL}, "around": "approved"},
        Reason.NOT_OFFLINE,
    ),
    "offline, broken glass": ({"use": Use.OFFLINE, "around": "glass"}, Reason.NOT_OFFLINE),
}
