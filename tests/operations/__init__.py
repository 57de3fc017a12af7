"""What actors do, through operations, on both engines."""
