"""What revision 0019 makes, by engine."""
