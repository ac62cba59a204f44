"""Nonagon: from what customers say to a measured result, by nine steps."""

__version__ = "0.1.0"
