"""Where the demands of several services lie together, and how sure we may be."""
