"""Models made elsewhere: their files, what they expect, and their scores."""
