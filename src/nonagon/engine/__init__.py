"""Ibis expressions -> sufficient statistics. The only place that names a backend."""
