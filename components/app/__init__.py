"""The app around the pages: server, session, steps, results."""
