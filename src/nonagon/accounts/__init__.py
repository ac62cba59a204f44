"""Organizations, people, roles, and the only way from a person to a row."""
