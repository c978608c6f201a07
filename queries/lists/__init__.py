"""The rows of list screens: each list is one statement, however long it is."""
