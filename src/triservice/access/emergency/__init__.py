"""Breaking the glass: a short opening in an emergency, told to the owner at once, then reviewed."""
