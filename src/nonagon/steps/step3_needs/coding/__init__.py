"""Coding: from what customers said to needs, by rules that people wrote, in several languages.

`plain` makes words comparable, `rules` finds needs in sentences, `phrases` proposes needs from the rest.
"""
