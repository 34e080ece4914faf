"""What an operator does: start, migrate, back up, restore, look after. Called by command.py."""
