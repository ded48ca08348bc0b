"""What rules say, as data: one file of facts, each with its source and the day it was checked."""
