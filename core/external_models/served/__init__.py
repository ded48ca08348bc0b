"""Models that a server answers for: MLflow's scoring server, and the Open Inference Protocol."""
