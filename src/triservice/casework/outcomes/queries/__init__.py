"""The only readers of what came of cases."""
