"""What runs before there is an environment: standard library only. The wheel beside this file is pip itself, so that
no pip of the machine is needed (Debian's python3 without python3-venv has none)."""
