"""What casework teaches a phone: the day taken along, and what is done at doors without signal."""
