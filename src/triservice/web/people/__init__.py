"""Pages of agencies, posts and officers: the web face of a room that is below access."""
