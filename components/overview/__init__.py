"""What the overview shows: verdicts, findings, groups by metrics, what was not run."""
