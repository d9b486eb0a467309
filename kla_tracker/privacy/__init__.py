"""What a person may ask of us, and what an administrator must be able to tell: destroyed evidence,
who opened what, and everything that is kept about somebody.
"""
