"""Work without signal: what a phone may take along, and what it sends when it is back."""
