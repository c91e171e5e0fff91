"""Backups of the database: of a SQLite file, or of PostgreSQL."""
