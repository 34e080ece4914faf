"""People, households and premises, known to several services and linked reversibly."""
