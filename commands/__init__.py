"""The commands of `./kontor`. One file is one command, found by its name: `check_books.py` is `check-books`.

A command's file imports nothing but click and the standard library at its top, so that `--help` is quick; the house
itself is imported inside the functions. Settings come from the environment (config.py).
"""
