"""The pages /teach and /class-teach."""
