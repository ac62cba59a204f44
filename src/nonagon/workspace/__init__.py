"""The pages and jobs that see all nine steps: home, the ring, data, trace, history, reports, archive, API."""
