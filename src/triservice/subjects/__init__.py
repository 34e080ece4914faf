"""People, households, organisations and premises known to several services, reversibly linked."""
