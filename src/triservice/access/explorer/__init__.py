"""Looking into the record of disclosures: by lead, owner, officer and for a subject."""
