"""The only writers of cases."""
