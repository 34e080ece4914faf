"""The catalogue: schemes as files, their forms, conditions, scores, tiers and routes."""
