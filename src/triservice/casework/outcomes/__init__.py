"""What came of a case: whether people are called about as often as before."""
