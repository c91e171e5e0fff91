"""Instructors sign in here, and find their account."""

from ui.account import sign_in

sign_in.show()
