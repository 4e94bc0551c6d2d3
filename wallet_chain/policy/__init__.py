"""The rules in force, and the powers that change or override them."""
