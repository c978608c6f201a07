"""Pictures of every screen, taken in a real browser: what `./kontor shots` is made of."""
