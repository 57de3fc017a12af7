"""Random trials: one case each, determined by its seed, as often as asked."""
