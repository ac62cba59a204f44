"""Template tags of step 3."""
