"""What revision 0011 makes, by engine."""
