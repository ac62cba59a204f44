"""Cycles, decision documents and their versions, gates and sign-off, the audit log, jobs."""
