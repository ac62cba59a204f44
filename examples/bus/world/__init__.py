"""The made world of Crescent Bus Lines: people, what they buy and say, and how the buses run."""
