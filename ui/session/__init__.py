"""Who is asking: visitors, permissions, sessions and their addresses."""
