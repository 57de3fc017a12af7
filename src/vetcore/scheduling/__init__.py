"""Free slots, bookings that cannot collide, and the life of an appointment."""
