"""Questions of one's own: list, form, import and export."""
