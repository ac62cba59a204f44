"""What each step hands to the next: nine files of frozen values. Read these first.

`evidence` holds what they share (estimates, origins, findings, links); `cycle` what the nine analyses
know of the cycle; `decisions` the base of a step's decision document; `earlier` the chain itself.
"""
