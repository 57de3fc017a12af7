"""Sends the reminders of vaccinations that fall due; as many workers as are needed, each its own."""
