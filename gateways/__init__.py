"""TALK to the outside. Plain data in, plain data out; a gateway knows no row and no request."""
