"""The one database: what must outlive a process."""
