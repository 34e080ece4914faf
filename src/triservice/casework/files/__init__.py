"""Files on a case: taken in, kept sealed outside the web root, read by the agreements."""
