"""The fixtures of the web tests are in tests/builders/web.py; every folder of tests has them.

home, organization, other_organization, person_of(role), actor_of(role), client_of(role), owner, stranger,
stranger_client, cycle (empty), computed_cycle (files, facts, decisions and results of all nine steps).
`small_cycle`, of tests/conftest.py, is the same small cycle as a folder with a finished run, without Django.
"""
