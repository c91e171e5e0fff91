"""Who is there: instructors' accounts, the school's sign-in, classes and students."""
