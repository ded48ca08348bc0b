"""What another threshold would do, and whether similar people are treated alike."""
