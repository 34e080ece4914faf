"""What came of a case, and of all cases: whom they reached, what changed, and how sure that is."""
