"""Who and where has a part in a case: added as they come into it, and until when."""
