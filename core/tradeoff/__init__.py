"""What privacy, fairness and performance cost each other."""
