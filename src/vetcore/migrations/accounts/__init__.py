"""What revision 0010 makes, by engine."""
