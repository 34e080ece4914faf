"""Referrals as FHIR R4: a ServiceRequest in, a Task and a Communication out."""
