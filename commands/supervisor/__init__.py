"""What `./kontor start` is made of: one lock per data folder, the embedded Valkey, children that are started again when
they die, bounded logs. Standard library only; the house itself is imported by the children's functions."""
