"""Referrals, cases and all that hangs on them: data and constraints.

What an agency works on (case, people in it, needs, actions, visits) belongs to the agency that runs
the case. What somebody writes from what their own service knows (notes, safeguarding concerns)
belongs to the writer's agency. An entry of the chronology has the owner and class of what it tells.
"""

from __future__ import annotations

from triservice.casework.models.cases import Case, CaseAgency, CaseLink, CaseSubject
from triservice.casework.models.directory import DirectoryService
from triservice.casework.models.entries import Entry
from triservice.casework.models.files import File
from triservice.casework.models.kept import KeptYear
from triservice.casework.models.needs import Action, Need, Outcome
from triservice.casework.models.notes import Concern, Consent, Note
from triservice.casework.models.onward import OnwardReferral
from triservice.casework.models.plans import Finding, Plan, PlanCase, PlanMeasure
from triservice.casework.models.referrals import Acknowledgement, Referral
from triservice.casework.models.sending import Dispatch
from triservice.casework.models.submissions import AnswerPart, Submission
from triservice.casework.models.telling import CalendarAddress, SavedFilter
from triservice.casework.models.visits import Equipment, Visit, VisitOfficer

__all__ = [
    "Acknowledgement",
    "Action",
    "AnswerPart",
    "CalendarAddress",
    "Case",
    "CaseAgency",
    "CaseLink",
    "CaseSubject",
    "Concern",
    "Consent",
    "DirectoryService",
    "Dispatch",
    "Entry",
    "Equipment",
    "File",
    "Finding",
    "KeptYear",
    "Need",
    "Note",
    "OnwardReferral",
    "Outcome",
    "Plan",
    "PlanCase",
    "PlanMeasure",
    "Referral",
    "SavedFilter",
    "Submission",
    "Visit",
    "VisitOfficer",
]
