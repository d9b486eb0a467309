"""The example city: invented answers and files on the real instrument, and they say so.

`people` makes regions and accounts, `plans` says how far each office is, `answers` values and
words, `files` small real files; `work` tells one office's work on one indicator, `story` a year.
"""
