"""Operation Insight: near repeats, risk zones after an event, and their back-test."""
