"""Templates, components, the frame of a step page, and the built static files."""
