"""Models made elsewhere, opened and asked in a process of their own."""
