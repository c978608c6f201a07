"""The large cards of the back office: each is filled by one function in a fixed number of statements."""
